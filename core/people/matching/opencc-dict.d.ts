declare module 'opencc-js/dict/TSCharacters' {
  /** `張 张|門 门|…` */
  const pairs: string;
  export default pairs;
}
