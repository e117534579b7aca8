import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics of one process. No label ever holds an identifier: few, fixed values only. */
export interface Metrics {
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>;
  histogram<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>;
  /** `collect` runs at every scrape and sets the gauge; it must not ask anything of anybody outside. */
  gauge<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L>;
  /** In Prometheus' text format. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** In seconds. The unified view must answer within 1.5 s, so the edges crowd below it. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.5, 2.5, 5, 10];

/** A registry of its own per call, so that two servers in one process (or one test) do not collide. */
export function createMetrics(options: { readonly process: boolean } = { process: true }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry });
  return {
    counter: (name, help, labels) => new Counter({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, labels, buckets = SECONDS) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    gauge: <L extends string>(
      name: string,
      help: string,
      labels: readonly L[],
      collect?: (gauge: Gauge<L>) => void | Promise<void>,
    ) =>
      new Gauge<L>({
        name,
        help,
        labelNames: [...labels],
        registers,
        ...(collect && {
          async collect() {
            await collect(this);
          },
        }),
      }),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
