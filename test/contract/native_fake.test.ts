/** The fake that tests of the engine use behaves as the real core does. */
import { fakeNative } from './native_harness.js';
import { nativeBusContract } from './native_bus_suite.js';
import { nativeCoverContract } from './native_cover_suite.js';
import { nativePlanContract } from './native_plan_suite.js';
import { nativeContract } from './native_suite.js';

nativeContract('the fake', fakeNative);
nativePlanContract('the fake', fakeNative);
nativeCoverContract('the fake', fakeNative);
nativeBusContract('the fake', fakeNative);
