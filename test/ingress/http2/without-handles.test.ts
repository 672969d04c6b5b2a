// Node without the bindings that the engine likes best: the same sessions over node:net and node:tls.
Object.defineProperty(process, 'binding', { value: undefined });
await import('./sessions.test.ts');
