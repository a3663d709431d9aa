import { open, readFile, rename, rm } from 'node:fs/promises';
import type { NodeEgressSpec } from '#operator/api';
import { parseEgressProof, type EgressProof } from '#pkg/egress';
import { renderBoot, type EgressRules } from './rules.ts';

/** As in PATHS. */
export interface BoxPaths {
  readonly egressFile: string;
  readonly bootRulesFile: string;
  readonly bootSpecFile: string;
}

/** The files that the agent keeps on its box. Each is replaced whole: a reader finds the old one or the new one. */
export interface BoxFiles {
  readProof(): Promise<EgressProof | undefined>;
  writeProof(proof: EgressProof): Promise<void>;
  /** What the object said last: an agent that starts while the API server is away goes on by it. */
  readSpec(): Promise<NodeEgressSpec | undefined>;
  writeSpec(spec: NodeEgressSpec): Promise<void>;
  /** The rules that the box loads when it starts. */
  writeBootRules(rules: EgressRules): Promise<void>;
  removeAll(): Promise<void>;
}

export function createBoxFiles(paths: BoxPaths): BoxFiles {
  const read = (path: string): Promise<string> =>
    readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
  const write = async (path: string, text: string): Promise<void> => {
    if ((await read(path)) !== text) await replaceFile(path, text);
  };
  const writeJson = (path: string, value: unknown): Promise<void> =>
    write(path, `${JSON.stringify(value)}\n`);
  return {
    readProof: async () => parseEgressProof(await read(paths.egressFile)),
    writeProof: (proof) => writeJson(paths.egressFile, proof),
    readSpec: async () => {
      const text = await read(paths.bootSpecFile);
      return text === '' ? undefined : (JSON.parse(text) as NodeEgressSpec);
    },
    writeSpec: (spec) => writeJson(paths.bootSpecFile, spec),
    writeBootRules: (rules) => write(paths.bootRulesFile, renderBoot(rules)),
    removeAll: async () => {
      const { bootRulesFile, bootSpecFile, egressFile } = paths;
      for (const path of [bootRulesFile, bootSpecFile, egressFile]) await rm(path, { force: true });
    },
  };
}

/** Processes of other users read it. */
const FILE_MODE = 0o644;

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', FILE_MODE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
