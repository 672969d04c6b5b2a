export const namespace = 'churn';
/** Above 1023, so that the benchmark needs no privilege. */
export const servicePort = 8080;
export const host = 'churn.localhost';
/** The headless Service: its A records are the endpoints themselves. */
export const headlessName: string = `web-pods.${namespace}.svc.cluster.local`;

/** A Pod with its address in the status, as a kubelet would write it, probed every second. */
export function podManifest(pod: {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${pod.name}
  namespace: ${namespace}
  labels:
    app: web
spec:
  containers:
    - name: web
      image: bench/backend
      ports:
        - name: http
          containerPort: ${pod.port}
      readinessProbe:
        httpGet:
          path: /healthz
          port: http
        periodSeconds: 1
        failureThreshold: 1
status:
  podIP: ${pod.address}
`;
}

/** The same Pods on every plane: a ClusterIP and an Ingress rule, and a headless Service. */
export const servicesManifest: string = `apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: ${namespace}
spec:
  selector:
    app: web
  ports:
    - name: http
      port: ${servicePort}
      targetPort: http
---
apiVersion: v1
kind: Service
metadata:
  name: web-pods
  namespace: ${namespace}
spec:
  clusterIP: None
  selector:
    app: web
  ports:
    - name: http
      port: ${servicePort}
      targetPort: http
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: ${namespace}
spec:
  ingressClassName: portolan
  rules:
    - host: ${host}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  name: http
`;
