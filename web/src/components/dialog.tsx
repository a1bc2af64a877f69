/** A modal dialog: focus stays inside, Escape closes unless it must be answered. */
import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";

export function Dialog({ title, onClose, children, className = "" }: { title: string; onClose?: () => void; children: ReactNode; className?: string }) {
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={(open) => { if (!open) onClose?.(); }} isDismissable={onClose !== undefined} isKeyboardDismissDisabled={onClose === undefined}>
      <Modal className={`dialog ${className}`}><AriaDialog className="stack"><Heading slot="title" level={2}>{title}</Heading>{children}</AriaDialog></Modal>
    </ModalOverlay>
  );
}
