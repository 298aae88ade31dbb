/**
 * What one turn of a flow may use; docs/flows.md tells flow authors. A unit of work is about 25 ns on a small server: a
 * part of an expression, or 32 characters looked at.
 */

/** At most about 50 ms, and 250 times the heaviest turn of the demo and of our test shops (7,514). */
export const MAX_TURN_WORK = 2_000_000;
/** Of processor time. Work is charged first, so only what is charged too low or a starved machine comes this far. */
export const MAX_TURN_CPU_MS = 250;

export const MAX_STEPS_PER_EVENT = 60;
export const MAX_MESSAGES_PER_EVENT = 8;
export const MAX_VISITS_PER_EVENT = 3;

/** Elements of a list, wherever it comes from; also the largest list or map a macro runs over. */
export const MAX_LIST = 500;
/** Of a text that a session or an effect holds. */
export const MAX_STRING_BYTES = 8 * 1024;
/** Characters of a text while an expression works on it, and of a text once its expressions are filled in. */
export const MAX_TEXT = 64 * 1024;
/** Of one value, whatever its shape. */
export const MAX_VALUE_CHARS = 256 * 1024;
export const MAX_VALUE_PARTS = 20_000;
export const MAX_VALUE_DEPTH = 20;
export const MAX_STATE_BYTES = 64 * 1024;

/** Characters of an expression. */
export const MAX_EXPRESSION = 2000;
/** Of an expression, when it is published. */
export const MAX_EXPRESSION_PARTS = 200;
export const MAX_MACRO_NESTING = 2;
/** Each macro can multiply what the one before gave, so their number bounds the growth. */
export const MAX_MACROS = 4;

export const MAX_PATTERN_LENGTH = 200;
/** RE2 instructions; one character costs at most this many. */
export const MAX_PATTERN_PROGRAM = 2000;
/** What `duration` reads: cel-js takes cubic time for a row of digits. */
export const MAX_DURATION_TEXT = 64;
