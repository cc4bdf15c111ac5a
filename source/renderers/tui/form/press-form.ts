/** What the keys do while a runbook's parameters are filled in. */
import type { Action } from '../keys/table.ts';
import type { Session } from '../session.ts';
import { updateForm } from '../store.ts';
import { move, submit } from './form.ts';

/** Carries out `action` on the form shown. */
export function pressForm(session: Session, action: Action): void {
  const { store, app } = session;
  const { place } = store.getState();
  if (place.screen !== 'form') return;
  const { form } = place;
  if (action === 'previous-field') updateForm(store, (form) => move(form, -1));
  if (action === 'next-field') updateForm(store, (form) => move(form, 1));
  if (action === 'clusters' && form.clusters !== 'reading') session.readClusters();
  if (action === 'close') updateForm(store, (form) => ({ ...form, clusters: 'typing' }));
  if (action !== 'submit') return;
  const result = submit(form, (name, value) => app.checkParameter(form.runbook.id, name, value.trim()));
  updateForm(store, () => result.form);
  if (!result.done) return;
  const values = Object.entries(result.form.values).map(([name, value]) => [name, value.trim()] as const);
  session.start(form.runbook.id, Object.fromEntries(values));
}
