/** A process of its own that carries out one attack and holds on to what it has until it is told to let go. */
import type { Findings, Target } from './attack.ts';
import { ATTACKS } from './attacks.ts';

export interface Assault {
  readonly name: string;
  readonly target: Target;
}

let letGo: () => void = () => undefined;
const stopped = new Promise<void>(resolve => {
  letGo = resolve;
});

process.on('message', (task: Assault | 'stop') => {
  if (task === 'stop') {
    letGo();
    return;
  }
  const attack = ATTACKS.find(({ name }) => name === task.name);
  let told = false;
  const hold = (found: Findings): void => {
    if (!told) process.send?.(found);
    told = true;
  };
  Promise.resolve(attack?.assail?.(task.target, stopped, hold))
    // What the server does to it is what the probe sees.
    .catch((error: unknown) => hold({ ended: String(error) }))
    .finally(() => {
      hold({});
      void stopped.then(() => process.exit());
    });
});
process.on('uncaughtException', () => undefined);
process.on('disconnect', () => process.exit());
