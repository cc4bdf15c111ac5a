/** Filling in a runbook's parameters, one after the other. Pure. */
import { aboutCluster, clusterLabel } from '../clusters/label.ts';
import type { ClusterChoice, RunbookChoice } from '../app.ts';
import { type ListItem, type Picking, untouched } from '../list/list.ts';

export interface Form {
  runbook: RunbookChoice;
  /** By parameter name. */
  values: Readonly<Record<string, string>>;
  /** The parameter being filled in. */
  at: number;
  problem?: string | undefined;
  /** To choose a cluster from: not read yet, being read, or read. `typing` leaves the choice for the keyboard. */
  clusters?: readonly ClusterChoice[] | 'reading' | 'typing' | undefined;
  /** Where one is in that list. */
  list: Picking;
}

export interface PickerItem extends ListItem {
  cluster: ClusterChoice;
}

/** The clusters a form can be filled in with; none while they are not read. */
export function pickerItems({ clusters }: Form): PickerItem[] {
  if (!Array.isArray(clusters)) return [];
  return clusters.map((cluster: ClusterChoice) => ({
    value: `${cluster.resourceGroup}/${cluster.name}/${cluster.unavailable ?? ''}`,
    label: clusterLabel(cluster, clusters),
    title: cluster.name,
    about: aboutCluster(cluster),
    cluster,
  }));
}

/** An untouched form: at the first parameter without a value, or at the last to look over. */
export function openForm(runbook: RunbookChoice): Form {
  const values = Object.fromEntries(runbook.parameters.map(({ name, value }) => [name, value ?? '']));
  const missing = runbook.parameters.findIndex(({ name }) => values[name] === '');
  return {
    runbook,
    values,
    list: untouched,
    at: missing === -1 ? Math.max(0, runbook.parameters.length - 1) : missing,
  };
}

export function fieldAt(form: Form): RunbookChoice['parameters'][number] | undefined {
  return form.runbook.parameters[form.at];
}

export function withText(form: Form, text: string): Form {
  const field = fieldAt(form);
  if (field === undefined) return form;
  return { ...form, values: { ...form.values, [field.name]: text }, problem: undefined };
}

/** Goes to another parameter; stays at the ends. */
export function move(form: Form, by: number): Form {
  const at = Math.max(0, Math.min(form.at + by, form.runbook.parameters.length - 1));
  return { ...form, at, problem: undefined };
}

/**
 * Enter: the value is checked; then on to the next parameter, or, at the last one, all are checked and `done` says
 * that the run can start. The first value refused is where the form stays.
 */
export function submit(
  form: Form,
  check: (name: string, value: string) => string | undefined,
): { form: Form; done: boolean } {
  const last = form.at >= form.runbook.parameters.length - 1;
  const checked = last ? form.runbook.parameters : form.runbook.parameters.slice(form.at, form.at + 1);
  for (const { name } of checked) {
    const value = form.values[name] ?? '';
    const problem = value.trim() === '' ? 'A value is needed here.' : check(name, value);
    if (problem === undefined) continue;
    const at = form.runbook.parameters.findIndex((parameter) => parameter.name === name);
    return { form: { ...form, at, problem }, done: false };
  }
  return last ? { form, done: true } : { form: move(form, 1), done: false };
}

/** Whether the value being filled in is one that clusters can be listed for. */
export function offersClusters(form: Form): boolean {
  return fieldAt(form)?.pick === 'cluster';
}

/** Takes a cluster that was chosen: its name where it was asked for, its group where the form asks for one. */
export function withCluster(form: Form, cluster: ClusterChoice): Form {
  const field = fieldAt(form);
  if (field === undefined) return form;
  if (cluster.unavailable !== undefined) return { ...form, clusters: 'typing', problem: cluster.unavailable };
  const values: Record<string, string> = { ...form.values, [field.name]: cluster.name };
  if ('RESOURCE_GROUP' in values) values['RESOURCE_GROUP'] = cluster.resourceGroup;
  const missing = form.runbook.parameters.findIndex(({ name }) => values[name] === '');
  const at = missing === -1 ? form.runbook.parameters.length - 1 : missing;
  return { ...form, values, clusters: 'typing', at };
}
