import type { DevFile } from "../stack/dev-file.ts";
export async function seedDemo(_dev: Omit<DevFile, "processes">, _say: (line: string) => void): Promise<void> {}
