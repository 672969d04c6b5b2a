/** The DNS message format (RFC 1035, 3597, 6891): pure functions between octets and values. */
export * from './address.ts';
export * from './codes.ts';
export * from './decode.ts';
export * from './encode.ts';
export * from './frames.ts';
export * from './message.ts';
export * from './name.ts';
export * from './reverse.ts';
