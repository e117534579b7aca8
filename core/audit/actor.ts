/** What is written down of whoever acts or reads. `Caller` (core/access) is both. */

export interface Actor {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly organisation: { readonly id: string };
}

export interface Reader extends Actor {
  readonly purpose: string | null;
  readonly reason: string | null;
  readonly requestId: string;
}
