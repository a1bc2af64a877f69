/** The session ended behind the page: ask for the password over it, so that nothing typed is lost. */
import { useNavigate } from "@tanstack/react-router";
import type { Account } from "#server/api/contract.ts";
import { signOut } from "../state/session.tsx";
import { useWords } from "../texts/language.tsx";
import { Dialog } from "./dialog.tsx";
import { SignInForm } from "./sign-in-form.tsx";

export default function SessionEnded({ account }: { account: Account }) {
  const { text } = useWords(), navigate = useNavigate();
  return (
    <Dialog title={text.signIn.expiredTitle}>
      <p>{text.signIn.expiredText}</p>
      <SignInForm username={account.username} onDone={() => undefined} />
      <button type="button" className="link" onClick={() => void signOut().then(() => navigate({ to: "/signin" }))}>{text.signIn.other}</button>
    </Dialog>
  );
}
