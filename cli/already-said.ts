import { AppError } from '../core/platform/errors.ts';

/** A command that has told on its own what failed: exit 1, and not another word. */
export class AlreadySaid extends AppError {
  constructor() {
    super('INTERNAL', 'It has been said what failed.');
  }
}
