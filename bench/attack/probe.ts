/** A process of its own that asks /healthz twenty times a second, whether or not it was answered, and reads the server's memory. */
import { get } from 'node:http';
import { memoryOf } from '../served.ts';
import { until } from './until.ts';

const EVERY = 50;
/** Questions without which there is nothing to report. */
const FEWEST = 10;
/** Questions that may wait at once: those of a patient visitor. */
const MOST_WAITING = 20;
/** An answer that takes longer is none. */
const PATIENCE = 30_000;

export interface ProbeTask {
  readonly url: string;
  readonly pid: number;
}

/** Milliseconds and megabytes since the last report. */
export interface Vitals {
  readonly asked: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly memory: number;
}

const waiting = new Set<number>();
let times: number[] = [];
let memory = 0;

function ask(url: string): void {
  if (waiting.size >= MOST_WAITING) return;
  const began = performance.now();
  waiting.add(began);
  const done = (took: number): void => {
    if (waiting.delete(began)) times.push(took);
  };
  const request = get(`${url}healthz`, { agent: false, timeout: PATIENCE }, response => {
    response.resume().on('end', () => done(response.statusCode === 200 ? performance.now() - began : PATIENCE));
  });
  request.on('timeout', () => request.destroy());
  // No answer is the slowest answer.
  request.on('error', () => done(PATIENCE));
}

function report(): Vitals {
  const now = performance.now();
  // Who still waits has waited so long at least.
  const sorted = [...times, ...[...waiting].map(began => now - began)].sort((one, other) => one - other);
  times = [];
  // Each counts once; what comes of those is the next report's no more.
  waiting.clear();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const vitals = { asked: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1), memory };
  memory = 0;
  return vitals;
}

let begun = false;
process.on('message', (task: ProbeTask | 'report') => {
  if (task === 'report') {
    // A machine that is busy starts this process late, too.
    void until(() => times.length + waiting.size >= FEWEST, 5000).then(() => process.send?.(report()));
    return;
  }
  if (begun) return;
  begun = true;
  setInterval(() => ask(task.url), EVERY);
  setInterval(() => {
    void memoryOf(task.pid).then(read => {
      memory = Math.max(memory, read?.now ?? 0);
    });
  }, EVERY);
});
process.on('disconnect', () => process.exit());
