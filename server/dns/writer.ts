/** Octets of a DNS message being written: numbers, names, and where names stand so that later ones can point there (RFC 1035 §4.1.4). */
import { labelsOf } from '../../shared/decode/dns-name.ts';

/** Offsets beyond this do not fit the fourteen bits of a pointer (RFC 1035 §4.1.4). */
const FARTHEST = 0x3fff;
const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;

/** The octets of one label; throws a RangeError where no DNS message can carry it. */
function labelOctets(label: string): Buffer {
  const written = Buffer.from(label, 'utf8').toString('latin1');
  const plain = written.replace(/\\(\d{3}|.)/gs, (_, escaped: string) => {
    if (escaped.length === 1) return escaped;
    if (Number(escaped) > 255) throw new RangeError(`\\${escaped} is not an octet`);
    return String.fromCharCode(Number(escaped));
  });
  const octets = Buffer.from(plain, 'latin1');
  if (octets.length === 0 || octets.length > LONGEST_LABEL) {
    throw new RangeError(`${JSON.stringify(label)} is not a label of 1 to ${LONGEST_LABEL} octets`);
  }
  return octets;
}

/** The labels of a presentation name as octets; throws a RangeError where the name cannot be in DNS (RFC 1035 §2.3.4). */
function nameOctets(name: string): readonly Buffer[] {
  const labels = labelsOf(name).map(labelOctets);
  if (labels.reduce((sum, label) => sum + label.length + 1, 1) > LONGEST_NAME) {
    throw new RangeError(`${JSON.stringify(name)} is longer than ${LONGEST_NAME} octets`);
  }
  return labels;
}

/** Whether a name can be asked for at all. */
export function isDomainName(name: string): boolean {
  try {
    return nameOctets(name).length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Collects octets and remembers where names stand. */
export class Writer {
  private bytes = Buffer.alloc(512);
  private readonly places = new Map<string, number>();
  length = 0;

  private grow(octets: number): void {
    if (this.length + octets <= this.bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.length + octets));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  u8(value: number): void {
    this.grow(1);
    this.length = this.bytes.writeUInt8(value, this.length);
  }

  u16(value: number): void {
    this.grow(2);
    this.length = this.bytes.writeUInt16BE(value, this.length);
  }

  u32(value: number): void {
    this.grow(4);
    this.length = this.bytes.writeUInt32BE(value, this.length);
  }

  raw(octets: Uint8Array): void {
    this.grow(octets.length);
    this.bytes.set(octets, this.length);
    this.length += octets.length;
  }

  set16(at: number, value: number): void {
    this.bytes.writeUInt16BE(value, at);
  }

  /** Compares octet by octet, so that a question's 0x20 case is never lent to another name (RFC 4343 §4.1). */
  name(name: string): void {
    const labels = nameOctets(name);
    const suffixes: string[] = [];
    for (const label of labels.toReversed()) suffixes.unshift(`${label.toString('hex')}.${suffixes[0] ?? ''}`);
    for (const [index, label] of labels.entries()) {
      const rest = suffixes[index] ?? '';
      const place = this.places.get(rest);
      if (place !== undefined) {
        this.u16(0xc000 | place);
        return;
      }
      if (this.length <= FARTHEST) this.places.set(rest, this.length);
      this.u8(label.length);
      this.raw(label);
    }
    this.u8(0);
  }

  /** Forgets everything from `length` on. */
  rollBack(length: number): void {
    for (const [name, place] of this.places) if (place >= length) this.places.delete(name);
    this.length = length;
  }

  /** A copy of exactly the size, as it may be kept for long. */
  take(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }
}
