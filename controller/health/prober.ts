/** What one probe of one target found. */
export type Verdict =
  /** `note`: something worth saying of a success, such as a redirect that was not followed. */
  | { readonly kind: 'healthy'; readonly note?: string }
  | { readonly kind: 'unhealthy'; readonly reason: string }
  /**
   * The probe could not be made for want of something on this machine (file descriptors, memory):
   * that says nothing about the target, so that it keeps the state it has.
   */
  | { readonly kind: 'inconclusive'; readonly reason: string };

/** Inclusive range of HTTP status codes. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export interface HttpTarget {
  readonly kind: 'http' | 'https';
  /** IP address or, from a Pod's probe, a host name. */
  readonly address: string;
  readonly port: number;
  /** With query, starting with `/`. */
  readonly path: string;
  /** Host header, and name asked for in TLS. Undefined: the address. */
  readonly host: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Judges the first answer. Undefined: follow redirects on the same host, then accept 200–399. */
  readonly expectedStatus: readonly StatusRange[] | undefined;
  /** Check the certificate's chain and name. The kubelet never does. */
  readonly verifyTls: boolean;
}

export interface TcpTarget {
  readonly kind: 'tcp';
  readonly address: string;
  readonly port: number;
}

export interface GrpcTarget {
  readonly kind: 'grpc';
  readonly address: string;
  readonly port: number;
  /** Name to ask about; '' asks about the server as a whole. */
  readonly service: string;
  /** `:authority`. Undefined: address and port. */
  readonly host: string | undefined;
}

export interface ExecTarget {
  readonly kind: 'exec';
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
}

export type ProbeTarget = HttpTarget | TcpTarget | GrpcTarget | ExecTarget;
export type ProbeKind = ProbeTarget['kind'];

/** Probes targets of one kind. */
export interface Prober<Target extends ProbeTarget = ProbeTarget> {
  /**
   * Makes one probe. Every failure of the target is a verdict, not an exception. When `signal`
   * aborts, everything the probe holds is let go at once and the verdict is disregarded.
   */
  probe(target: Target, signal: AbortSignal): Promise<Verdict>;
}
