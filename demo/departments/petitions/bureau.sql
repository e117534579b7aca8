-- The petition bureau's own database as its vendor left it: names by pinyin initials, dates as text, flags as char(1), no
-- constraints worth the name, no column that tells of changes. Others get views in xf_gx and nothing else.
create schema xf_yw;
create schema xf_gx;

create table xf_yw.xfj (            -- 信访件
  jlid  varchar(32) collate "C" not null, -- 记录ID
  xfjbh varchar(64),                -- 信访件编号
  djsj  varchar(40),                -- 登记时间
  djjg  varchar(60),                -- 登记机构
  wgbm  varchar(60),                -- 网格编码
  nrfl  varchar(8),                 -- 内容分类
  nrzy  text,                       -- 内容摘要
  xfxs  varchar(8),                 -- 信访形式
  xfmd  varchar(8),                 -- 信访目的
  blzt  varchar(8),                 -- 办理状态
  slsj  varchar(40),                -- 受理时间
  bjqx  varchar(40),                -- 办结期限
  dfsj  varchar(40),                -- 答复时间
  zrdw  varchar(60),                -- 责任单位
  sfjt  char(1),                    -- 是否集体
  sfbh  char(1),                    -- 是否保护
  sffc  char(1),                    -- 是否封存
  sfsm  char(1),                    -- 是否涉密
  sczt  char(1)                     -- 删除状态
);
create table xf_yw.xfr (            -- 信访人
  jlid  varchar(32) collate "C" not null,
  xh    varchar(8),                 -- 序号
  jsdm  varchar(4),                 -- 角色代码
  xm    varchar(120),               -- 姓名
  zjhm  varchar(40),                -- 证件号码
  csrq  varchar(40),                -- 出生日期
  xb    char(1),                    -- 性别
  lxdh  varchar(60),                -- 联系电话
  dz    text                        -- 地址
);
create table xf_yw.gl (             -- 关联
  jlid  varchar(32) collate "C" not null,
  ly    varchar(4),                 -- 来源系统
  bh    varchar(80)                 -- 编号
);
create table xf_yw.bkg (            -- 被控告
  jlid  varchar(32) collate "C" not null,
  dwdm  varchar(60)                 -- 单位代码
);
-- What the made-up county says of rows that were changed by command, for the next change.
create table xf_yw.changed (jlid varchar(32) collate "C" primary key, county_row json not null);

create view xf_gx.v_xf_xfj as select * from xf_yw.xfj;
create view xf_gx.v_xf_xfr as select r.* from xf_yw.xfr r;
create view xf_gx.v_xf_gl as select * from xf_yw.gl;
create view xf_gx.v_xf_bkg as select * from xf_yw.bkg;
