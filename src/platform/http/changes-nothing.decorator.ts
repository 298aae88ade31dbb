import { SetMetadata } from '@nestjs/common';

export const CHANGES_NOTHING_KEY = 'dashoffice:changes-nothing';

/** For a POST that only reads: not audited. An architecture test lists them. */
export const ChangesNothing = () => SetMetadata(CHANGES_NOTHING_KEY, true);
