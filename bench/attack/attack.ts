/** What an attack is: what it does to whom, from a process of its own, and what must hold meanwhile and afterwards. */
import type { Ready, Served } from '../served.ts';

/** What is attacked, as its assailant knows it. */
export interface Target {
  readonly root: string;
  readonly data: string;
  readonly ready: Ready;
}

/** For the part of an attack that the driver does itself: what only who owns the machine can do. */
export interface Scene extends Target {
  readonly served: Served;
  /** What the assailant found out; `{}` where there is none. */
  readonly found: Findings;
  stop(signal: NodeJS.Signals): Promise<void>;
  /** Starts it anew on the same folder. Rejects with NotServed. */
  start(within?: number): Promise<Scene>;
}

export type Findings = Readonly<Record<string, string | number | boolean>>;

export interface Attack {
  readonly name: string;
  /** Of issue 10. */
  readonly entry: number;
  /** What it does. */
  readonly sentence: string;
  /** More arguments of `mailscope serve`. */
  readonly args?: readonly string[];
  /** The data folder is a file system of so many octets. */
  readonly disk?: number;
  /** Megabytes that the server may take meanwhile; default 512. */
  readonly memory?: number;
  /** Milliseconds that any answer of /healthz may take; default 2,000. */
  readonly slowest?: number;
  /** Lays the folder out before the first start. */
  prepare?(data: string): Promise<void>;
  /** In a process of its own; what it holds it keeps holding until `stopped`. */
  assail?(target: Target, stopped: Promise<void>, hold: (found: Findings) => void): Promise<void>;
  /** While the assailant holds on. Each sentence is a promise broken. */
  meanwhile?(target: Target): Promise<readonly string[]>;
  /** When the assailant has gone. Each sentence is a promise broken. */
  examine?(scene: Scene): Promise<readonly string[]>;
}
