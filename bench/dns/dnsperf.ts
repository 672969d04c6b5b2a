/** One run of dnsperf. */
export interface Load {
  readonly perSecond: number;
  readonly meanLatencyMs: number;
  readonly sent: number;
  readonly lost: number;
}

/** Reads what dnsperf prints at its end. */
export function parseDnsperf(text: string): Load {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  return {
    perSecond: number(/Queries per second:\s+([\d.]+)/),
    meanLatencyMs: Math.round(number(/Average Latency \(s\):\s+([\d.]+)/) * 1e6) / 1000,
    sent: number(/Queries sent:\s+(\d+)/),
    lost: number(/Queries lost:\s+(\d+)/),
  };
}
