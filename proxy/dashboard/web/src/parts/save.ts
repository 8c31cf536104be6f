/** Hands the person a file that this page made. */
export function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const named = (what: string, kind: string): string => `paravent-${what}-${new Date().toISOString().slice(0, 10)}.${kind}`;
