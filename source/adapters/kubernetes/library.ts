/** What of the Kubernetes library is used. A module of its own, so that a bundle has no more of the library than this. */
export { KubeConfig } from '@kubernetes/client-node';
