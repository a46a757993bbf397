/** What was changed in a world, as code and data: what a trace records of an edit, and what its words are made of. */
import * as z from 'zod/mini';
import type { Fault } from '../faults/fault.ts';
import { fault } from '../faults/schema.ts';
import type { HostId } from './world.ts';

export type WorldEdit =
  | {
      readonly code:
        | 'nothing'
        | 'edited'
        | 'settings-changed'
        | 'reset'
        | 'limits-changed'
        | 'retry-changed'
        | 'seed-changed'
        | 'fault-struck'
        | 'fault-cleared'
        | 'faults-cleared';
    }
  | { readonly code: 'host-added' | 'host-removed' | 'host-changed'; readonly host: HostId }
  | { readonly code: 'domain-added' | 'domain-removed' | 'domain-changed'; readonly domain: string }
  | { readonly code: 'backup-added'; readonly host: HostId; readonly domain: string }
  | { readonly code: 'zone-removed'; readonly zone: string }
  /** `record` as a person writes it: "green.example MX 10 mx1.green.example". */
  | { readonly code: 'record-added' | 'record-removed' | 'record-changed'; readonly record: string }
  | { readonly code: 'person-added'; readonly name: string; readonly address: string }
  | { readonly code: 'person-removed' | 'person-changed' | 'mailbox-changed'; readonly name: string }
  | { readonly code: 'alias-added'; readonly address: string; readonly targets: readonly string[] }
  /** An alias or a mailing list. */
  | { readonly code: 'address-changed' | 'address-removed' | 'list-added'; readonly address: string }
  | { readonly code: 'renamed' | 'opened'; readonly name: string }
  | { readonly code: 'fault-set'; readonly fault: Fault }
  /** In the words of whoever made it, or of an old recording. */
  | { readonly code: 'words'; readonly text: string };

/** As a trace has it. */
export type RecordedEdit = WorldEdit | { readonly code: 'undone'; readonly edit: WorldEdit };

const text = z.string().check(z.maxLength(65_536));
const texts = z.array(text).check(z.maxLength(10_000));

/** As a request has it. */
export const worldEdit = z.union([
  z.object({
    code: z.enum([
      'nothing',
      'edited',
      'settings-changed',
      'reset',
      'limits-changed',
      'retry-changed',
      'seed-changed',
      'fault-struck',
      'fault-cleared',
      'faults-cleared',
    ]),
  }),
  z.object({ code: z.enum(['host-added', 'host-removed', 'host-changed']), host: text }),
  z.object({ code: z.enum(['domain-added', 'domain-removed', 'domain-changed']), domain: text }),
  z.object({ code: z.literal('backup-added'), host: text, domain: text }),
  z.object({ code: z.literal('zone-removed'), zone: text }),
  z.object({ code: z.enum(['record-added', 'record-removed', 'record-changed']), record: text }),
  z.object({ code: z.literal('person-added'), name: text, address: text }),
  z.object({ code: z.enum(['person-removed', 'person-changed', 'mailbox-changed']), name: text }),
  z.object({ code: z.literal('alias-added'), address: text, targets: texts }),
  z.object({ code: z.enum(['address-changed', 'address-removed', 'list-added']), address: text }),
  z.object({ code: z.enum(['renamed', 'opened']), name: text }),
  z.object({ code: z.literal('fault-set'), fault }),
  z.object({ code: z.literal('words'), text }),
]);

const someCode = z.object({ code: text });
const anyEdit = z.union([worldEdit, z.object({ code: z.literal('undone'), edit: worldEdit })]);

/** As a file has it. One with a code that is not known here is an edit of which no more is known. */
export const recordedEdit = z.pipe(
  z.unknown(),
  z.transform((value, context): RecordedEdit => {
    const known = anyEdit.safeParse(value);
    if (known.success) return known.data;
    if (!someCode.safeParse(value).success)
      context.issues.push({ code: 'custom', message: 'is not an edit with a code', input: value });
    return { code: 'edited' };
  }),
);
