/** React's window onto what present mode knows. */
import { useStore } from 'zustand';
import { type Presentation, presentation } from './presentation.ts';

export const usePresentation = <T>(select: (state: Presentation) => T): T => useStore(presentation, select);
