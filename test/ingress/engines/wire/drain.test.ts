import { createWireEngine } from '../../../../ingress/index.ts';
import { rigWith } from '../compat/rig.ts';

rigWith(createWireEngine);
await import('../compat/drain.test.ts');
