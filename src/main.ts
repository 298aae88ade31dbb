import { enableCompileCache } from 'node:module';

// Before anything else is loaded: from the second start on, compiled code is read from disk.
enableCompileCache();
await import('./serve.js');
