/** A mistake of ours while drawing: the page says so instead of going blank, and the way back is a reload. */
import { Component, type ReactNode } from 'react';
import { reload } from '../url.ts';
import { Button } from './Button.tsx';
import './parts.css';

interface Props {
  readonly children: ReactNode;
}

export class Mishap extends Component<Props, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="mishap" role="alert">
        <h1>This page made a mistake.</h1>
        <p>The servers and the letters are not touched by it; reloading shows them again.</p>
        <p>
          <code>{error.message}</code>
        </p>
        <Button look="primary" onClick={reload}>
          Reload
        </Button>
      </main>
    );
  }
}
