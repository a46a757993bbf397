/** The head of the page: the name, what the page puts beside it, and the edge of an airmail envelope below. */
import type { ReactNode } from 'react';
import './parts.css';

/** Children stand in a row after the name; an element with class "header-space" pushes what follows to the right. */
export function Header({ children }: { readonly children?: ReactNode }) {
  return (
    <header className="header">
      <h1 className="logo">
        mail<b>scope</b>
      </h1>
      {children}
    </header>
  );
}
