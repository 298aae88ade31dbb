import { serveWithSockets } from './serve-with-sockets.js';
import { WitnessedWhatsApp } from './witnessed-whatsapp.js';

/** A server whose linked devices connect to the witness on WITNESS_PORT. */
await serveWithSockets(new WitnessedWhatsApp(Number(process.env['WITNESS_PORT'])));
