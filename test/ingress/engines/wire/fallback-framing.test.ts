import { rigWithoutBindings } from './without-bindings.ts';

rigWithoutBindings();
await import('../compat/framing.test.ts');
