/** The one kind of button: plain, primary, quiet (no frame), or round. */
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import './parts.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'primary' | 'quiet' | 'round';
  /** Drawn before the words; give `aria-label` where there are no words. */
  readonly icon?: ReactNode;
}

export function Button({ look = 'plain', icon, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={`button ${look}${className === undefined ? '' : ` ${className}`}`}>
      {icon}
      {children}
    </button>
  );
}
