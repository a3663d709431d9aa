/**
 * harness of the image: builds it by the Dockerfile's own steps and runs it, with no daemon of the machine.
 *
 * buildah keeps what it built in the cache folder, so a second build runs only the steps that changed. No registry is
 * asked: both base images are made here, of the distribution's own packages (debootstrap) and of the Node that runs
 * the tests. containerd is private to the test file and gone with it. All of it needs root.
 */
export { buildImage, type BuiltImage } from './build-image.ts';
export { startContainerd, type Containerd } from './containerd.ts';
