/** Line icons for buttons, 16 units square, drawn in the colour of the text around them. Hidden from screen readers: the button has words. */
import type { ReactNode } from 'react';

const icon = (drawing: ReactNode) =>
  function Icon({ size = 16 }: { readonly size?: number }) {
    return (
      <svg
        className="icon"
        width={size}
        height={size}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {drawing}
      </svg>
    );
  };

export const CrossIcon = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const ClockIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.8" />
    <path d="M8 4.8V8l2.2 1.6" />
  </>,
);
export const BoltIcon = icon(<path d="M8.8 1.8 3.6 9h4l-.6 5.2L12.4 7h-4z" />);
export const UndoIcon = icon(<path d="M6 3 2.8 6.2 6 9.4M3 6.2h6.4a3.6 3.6 0 0 1 0 7.2H6.6" />);
export const RedoIcon = icon(<path d="m10 3 3.2 3.2L10 9.4M13 6.2H6.6a3.6 3.6 0 0 0 0 7.2h2.8" />);
export const PlusIcon = icon(<path d="M8 3v10M3 8h10" />);
export const WorldIcon = icon(
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M2 8h12M8 2c2.4 1.8 2.4 10.2 0 12M8 2c-2.4 1.8-2.4 10.2 0 12" />
  </>,
);
export const BookIcon = icon(
  <path d="M8 4.2C6.6 3 4.4 2.7 2 3v9.4c2.4-.3 4.6 0 6 1.2 1.4-1.2 3.6-1.5 6-1.2V3c-2.4-.3-4.6 0-6 1.2zm0 0v9.4" />,
);
export const SkipIcon = icon(<path d="m3 3.6 5 4.4-5 4.4zM8 3.6 13 8l-5 4.4z" />);
export const LetterIcon = icon(
  <>
    <rect x="1.8" y="3.4" width="12.4" height="9.2" rx="1.6" />
    <path d="m2.4 4.6 5.6 4 5.6-4" />
  </>,
);
export const ReplyIcon = icon(<path d="M6.4 3.4 2.4 7l4 3.6M2.6 7h6.2c3 0 4.8 1.8 4.8 5" />);
export const SaveIcon = icon(<path d="M8 2.4v7.2M4.8 6.8 8 10l3.2-3.2M2.8 13.4h10.4" />);
export const OpenIcon = icon(<path d="M8 10V2.8M4.8 5.8 8 2.6l3.2 3.2M2.8 13.4h10.4" />);
export const PlugIcon = icon(<path d="M5.6 2.2v3M10.4 2.2v3M3.8 5.4h8.4v2.4a4.2 4.2 0 0 1-8.4 0zM8 12v2" />);
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.9" />
    <path d="M8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M12.7 3.3l-1 1M4.3 11.7l-1 1" />
  </>,
);
export const MoonIcon = icon(<path d="M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z" />);
export const MenuIcon = icon(<path d="M2.4 4.2h11.2M2.4 8h11.2M2.4 11.8h11.2" />);
export const HelpIcon = icon(
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M6.2 6.3A1.9 1.9 0 1 1 8.6 8c-.4.2-.6.5-.6 1M8 11.4v.1" />
  </>,
);
export const PresentIcon = icon(
  <path d="M1.8 3h12.4M2.8 3v7.4h10.4V3M8 10.4v1.4M5.4 14 8 11.8l2.6 2.2M6.8 5.2v3l2.6-1.5z" />,
);
export const ShareIcon = icon(
  <>
    <path d="M8 9.6V2.4M5 5.2l3-2.9 3 2.9" />
    <path d="M5 7.4H3.4v6.2h9.2V7.4H11" />
  </>,
);
export const CopyIcon = icon(
  <>
    <rect x="5.4" y="5.4" width="8" height="8" rx="1.6" />
    <path d="M10.6 2.6H4.2a1.6 1.6 0 0 0-1.6 1.6v6.4" />
  </>,
);
export const AudienceIcon = icon(
  <>
    <circle cx="5.4" cy="5" r="2.2" />
    <circle cx="11" cy="5.8" r="1.8" />
    <path d="M1.8 13c.2-2.6 1.6-4 3.6-4s3.4 1.4 3.6 4M10.6 9.6c2 0 3.2 1.2 3.4 3.4" />
  </>,
);
export const NotesIcon = icon(
  <>
    <rect x="2.4" y="2.4" width="11.2" height="11.2" rx="1.6" />
    <path d="M5 5.8h6M5 8.2h6M5 10.6h3.4" />
  </>,
);
