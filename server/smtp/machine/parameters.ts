/** The parameters of MAIL and RCPT: SIZE, BODY, AUTH, SMTPUTF8 and those of DSN (RFC 3461). Only what EHLO offered is known. Pure. */
import type { ExtensionKeyword } from '../../../shared/faults/fields.ts';
import type { Envelope, Notify, RecipientDsn } from '../envelope.ts';
import { badArgument, offers, type Setting, type State, type Step, say, type Transaction } from './state.ts';

export type Parameters = ReadonlyMap<string, string | null>;

/** `*( SP keyword ["=" value] )`, keywords in upper case; null where it is something else or says a thing twice (RFC 5321 §4.1.2, RFC 6531 §3.3). */
export function parseParameters(text: string): Parameters | null {
  const parameters = new Map<string, string | null>();
  if (text === '') return parameters;
  if (!text.startsWith(' ')) return null;
  for (const word of text.split(' ').filter(part => part !== '')) {
    const found = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u0080-\uffff]+))?$/.exec(word);
    const keyword = found?.[1]?.toUpperCase();
    if (keyword === undefined || parameters.has(keyword)) return null;
    parameters.set(keyword, found?.[2] ?? null);
  }
  return parameters;
}

export type ParametersRead<Wishes> =
  | { readonly ok: true; readonly wishes: Wishes }
  | { readonly ok: false; readonly refusal: Step };
export type MailWishes = Pick<Envelope, 'smtpUtf8' | 'body' | 'ret' | 'envid'>;

/** xtext of printable ASCII (RFC 3461 §4): "+" and "=" and what is no ASCII stand as "+" and two upper-case hexadecimal digits. */
const XTEXT = /^(?:[!-*,-<>-~]|\+[2-6][0-9A-F]|\+7[0-9A-E])+$/;
/** RFC 3461 §4.4 and §4.2. */
const ENVID_LIMIT = 100;
const ORCPT_LIMIT = 500;

const isEnvid = (value: string): boolean => value.length <= ENVID_LIMIT && XTEXT.test(value);

/** `addr-type;xtext`; of type utf-8 it may have characters beyond ASCII where the envelope may (RFC 6533 §3). */
function isOrcpt(value: string, smtpUtf8: boolean): boolean {
  const found = /^([A-Za-z0-9-]+);(.+)$/s.exec(value);
  if (!found || value.length > ORCPT_LIMIT) return false;
  const [, type = '', address = ''] = found;
  const beyond = smtpUtf8 && type.toLowerCase() === 'utf-8';
  return XTEXT.test(beyond ? address.replaceAll(/[\u0080-\uffff]/g, 'x') : address);
}

/** NEVER alone, or any of the others, each once (RFC 3461 §4.1); null where it is neither. */
function parseNotify(value: string): readonly Notify[] | null {
  const words = value.toUpperCase().split(',');
  if (words.length === 1 && words[0] === 'NEVER') return ['NEVER'];
  const known = (['SUCCESS', 'FAILURE', 'DELAY'] as const).filter(word => words.includes(word));
  return known.length === words.length ? known : null;
}

const unknown = (state: State, keyword: string): Step =>
  say(state, 555, '5.5.4', `Parameter ${keyword} is not known here`);

const MAIL_PARAMETERS: ReadonlyMap<string, ExtensionKeyword | 'AUTH'> = new Map<string, ExtensionKeyword | 'AUTH'>([
  ['SIZE', 'SIZE'],
  ['BODY', '8BITMIME'],
  ['SMTPUTF8', 'SMTPUTF8'],
  ['RET', 'DSN'],
  ['ENVID', 'DSN'],
  ['AUTH', 'AUTH'],
]);

/** BODY has a third value where BINARYMIME is offered (RFC 3030 §3). */
const asksForBinary = (state: State, keyword: string, value: string | null): boolean =>
  keyword === 'BODY' && value?.toUpperCase() === 'BINARYMIME' && offers(state, 'BINARYMIME');

/** What is wrong with one parameter of MAIL, or null. */
function refuseMailParameter(setting: Setting, state: State, keyword: string, value: string | null): Step | null {
  const extension = asksForBinary(state, keyword, value) ? 'BINARYMIME' : MAIL_PARAMETERS.get(keyword);
  if (extension === undefined || !offers(state, extension)) return unknown(state, keyword);
  const wants = (sound: boolean, syntax: string): Step | null =>
    sound ? null : badArgument(state, `Syntax: ${syntax}`);
  switch (keyword) {
    case 'SIZE': {
      const { messageSize } = setting.limits();
      if (value === null || !/^\d{1,20}$/.test(value)) return badArgument(state, 'Syntax: SIZE=octets');
      return Number(value) > messageSize
        ? say(state, 552, '5.3.4', `Message too big: at most ${messageSize} octets`)
        : null;
    }
    case 'BODY':
      if (extension === 'BINARYMIME') return null;
      return wants(
        /^(?:7BIT|8BITMIME)$/i.test(value ?? ''),
        `BODY=7BIT or BODY=8BITMIME${offers(state, 'BINARYMIME') ? ' or BODY=BINARYMIME' : ''}`,
      );
    case 'SMTPUTF8':
      return wants(value === null, 'SMTPUTF8');
    case 'RET':
      return wants(/^(?:FULL|HDRS)$/i.test(value ?? ''), 'RET=FULL or RET=HDRS');
    case 'ENVID':
      return wants(isEnvid(value ?? ''), 'ENVID=xtext of at most 100 octets');
    case 'AUTH':
      return wants(value !== null, 'AUTH=<> or AUTH=mailbox');
    default:
      throw new Error(`a parameter without a rule: ${keyword}`);
  }
}

/** What MAIL asks for beside its path. */
export function readMailParameters(setting: Setting, state: State, parameters: Parameters): ParametersRead<MailWishes> {
  for (const [keyword, value] of parameters) {
    const refusal = refuseMailParameter(setting, state, keyword, value);
    if (refusal) return { ok: false, refusal };
  }
  const ret = parameters.get('RET')?.toUpperCase();
  const envid = parameters.get('ENVID');
  return {
    ok: true,
    wishes: {
      ...(parameters.has('SMTPUTF8') ? { smtpUtf8: true } : {}),
      ...(parameters.get('BODY')?.toUpperCase() === 'BINARYMIME' ? { body: 'BINARYMIME' } : {}),
      ...(ret === 'FULL' || ret === 'HDRS' ? { ret } : {}),
      ...(typeof envid === 'string' ? { envid } : {}),
    },
  };
}

/** What RCPT asks for beside its path. */
export function readRcptParameters(state: Transaction, parameters: Parameters): ParametersRead<RecipientDsn> {
  const refuse = (syntax: string) => ({ ok: false, refusal: badArgument(state, `Syntax: ${syntax}`) }) as const;
  for (const keyword of parameters.keys()) {
    const known = (keyword === 'NOTIFY' || keyword === 'ORCPT') && offers(state, 'DSN');
    if (!known) return { ok: false, refusal: unknown(state, keyword) };
  }
  const notify = parseNotify(parameters.get('NOTIFY') ?? '');
  if (parameters.has('NOTIFY') && notify === null) return refuse('NOTIFY=NEVER or a list of SUCCESS,FAILURE,DELAY');
  const orcpt = parameters.get('ORCPT') ?? '';
  if (parameters.has('ORCPT') && !isOrcpt(orcpt, state.envelope.smtpUtf8 ?? false)) {
    return refuse('ORCPT=type;xtext of at most 500 octets');
  }
  return { ok: true, wishes: { ...(notify ? { notify } : {}), ...(orcpt === '' ? {} : { orcpt }) } };
}
