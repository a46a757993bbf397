/** React's window onto the store. */
import { useStore } from 'zustand';
import { type Player, player } from './store.ts';

export const usePlayer = <T>(select: (state: Player) => T): T => useStore(player, select);
