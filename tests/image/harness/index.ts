/**
 * harness of the image: runs it under a containerd that is private to the test file and gone with it. Needs root.
 */
export { startContainerd, type Containerd } from './containerd.ts';
