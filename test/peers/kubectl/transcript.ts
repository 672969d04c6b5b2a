/** One command of the transcript: what is typed, and what must come out. */
export interface Step {
  readonly command: string;
  /** Standard input, for `-f -`. */
  readonly input?: string;
  readonly env?: Record<string, string>;
  /** Default 0. */
  readonly status?: number;
  readonly out?: RegExp;
  readonly err?: RegExp;
  /** The first minor version of kubectl that has it. */
  readonly since?: number;
}

const service = (port: number): string => `apiVersion: v1
kind: Service
metadata: {name: api, labels: {app: api}}
spec: {selector: {app: api}, ports: [{name: http, port: ${port}, targetPort: 8080}]}
`;
/** Another Service, whose port a second writer wants otherwise. */
const applied = (targetPort: string): string =>
  service(80).replace('name: api', 'name: applied').replace('8080', targetPort);
const app = `${service(80)}---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: api, labels: {app: api}}
spec:
  rules:
  - host: api.example
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
`;
const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.dev}
spec:
  group: example.dev
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
`;
const widget = `apiVersion: example.dev/v1
kind: Widget
metadata: {name: one}
spec: {size: 3}
`;

/** In order: later steps use what earlier ones made. */
export const transcript: readonly Step[] = [
  { command: 'get --raw /readyz', out: /^ok$/ },
  { command: 'api-resources', out: /services +svc +v1 +true +Service/ },
  { command: 'api-versions', out: /networking\.k8s\.io\/v1\n/ },
  { command: 'get namespaces', out: /default +Active/ },

  { command: 'create namespace demo', out: /namespace\/demo created/ },
  { command: 'create namespace demo', status: 1, err: /AlreadyExists.*"demo" already exists/ },
  { command: '-n demo create service clusterip web --tcp=80:8080', out: /service\/web created/ },
  { command: '-n demo create service nodeport np --tcp=80', out: /service\/np created/ },
  { command: '-n demo create configmap settings --from-literal=a=b', out: /created/ },
  { command: '-n demo create secret generic key --from-literal=a=b', out: /created/ },
  { command: '-n demo create ingress web --rule=a.example/*=web:80', out: /created/, since: 21 },
  { command: '-n demo create deployment shop --image=shop', out: /deployment.apps\/shop created/ },
  { command: '-n demo expose deployment shop --port=80', out: /service\/shop exposed/ },
  {
    command: '-n demo get services',
    out: /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nnp +NodePort +127\.\S+ +<none> +80:3\d+\/TCP/,
  },
  { command: '-n demo get services -o wide', out: /AGE +SELECTOR\n/ },
  { command: '-n demo get services -A', out: /^NAMESPACE +NAME +TYPE/ },
  { command: '-n demo get svc web -o jsonpath={.spec.clusterIP}', out: /^127\./ },
  { command: '-n demo get svc -o custom-columns=N:.metadata.name', out: /^N\nnp\nshop\nweb\n$/ },
  { command: '-n demo get svc web -o json', out: /"kind": "Service"/ },
  { command: '-n demo get svc web -o yaml', out: /^kind: Service$/m },
  {
    command: '-n demo get svc,cm,secret',
    out: /service\/web[^]*configmap\/settings[^]*secret\/key/,
  },
  { command: '-n demo get all', out: /service\/web[^]*deployment\.apps\/shop/ },
  { command: '-n demo get svc -l app=web -o name', out: /^service\/web\n$/ },
  { command: '-n demo get svc --field-selector metadata.name=np -o name', out: /^service\/np\n$/ },
  {
    command: '-n demo describe service web',
    out: /^Name: +web\n[^]*IP: +127\.[^]*Events: +<none>/,
  },
  // Before, it asks for v1beta1 alone.
  { command: '-n demo describe endpointslices', out: /AddressType: +IPv4/, since: 21 },
  { command: '-n demo get endpointslices', out: /NAME +ADDRESSTYPE +PORTS +ENDPOINTS +AGE/ },
  { command: '-n demo scale deployment shop --replicas=3', out: /scaled/ },
  { command: '-n demo get deployments', out: /shop +0\/3 +0 +0/ },

  { command: 'apply -f -', input: app, out: /service\/api created\ningress\S* created/ },
  { command: 'apply -f -', input: app, out: /service\/api unchanged\ningress\S* unchanged/ },
  { command: 'diff -f -', input: app, out: /^$/ },
  { command: 'diff -f -', input: service(81), status: 1, out: /-    port: 80\n\+    port: 81/ },
  {
    command: 'apply -f - --dry-run=server',
    input: service(81),
    out: /configured \(server dry run\)/,
  },
  { command: 'get svc api -o jsonpath={.spec.ports[0].port}', out: /^80$/ },
  { command: 'apply -f -', input: service(81), out: /service\/api configured/ },
  { command: 'describe ingress api', out: /api\.example[^]*\/ +api:80/ },
  {
    command: 'get ingress',
    out: /NAME +CLASS +HOSTS +ADDRESS +PORTS +AGE\napi +<none> +api\.example/,
  },
  {
    command: 'patch svc api -p {"metadata":{"labels":{"x":"y"}}}',
    out: /service\/api patched/,
  },
  {
    command: 'patch svc api --type=merge -p {"metadata":{"labels":{"z":"y"}}}',
    out: /service\/api patched/,
  },
  {
    command: 'patch svc api --type=json -p [{"op":"remove","path":"/metadata/labels/x"}]',
    out: /service\/api patched/,
  },
  { command: 'get svc api --show-labels', out: /app=api,z=y/ },
  { command: 'label svc api tier=front', out: /service\/api labeled/ },
  { command: 'annotate svc api note=yes', out: /service\/api annotated/ },
  { command: 'edit svc api', env: { EDITOR: 'sed -i s/front/back/' }, out: /service\/api edited/ },
  { command: 'get svc -l tier=back -o name', out: /^service\/api\n$/ },
  { command: 'replace -f -', input: app, out: /service\/api replaced/ },
  {
    command: 'apply --server-side --field-manager=second -f -',
    input: applied('8080'),
    out: /service\/applied serverside-applied/,
  },
  {
    command: 'apply --server-side --field-manager=third -f -',
    input: applied('9090'),
    status: 1,
    err: /Apply failed with 1 conflict: conflict with "second"[^]*targetPort/,
  },
  {
    command: 'apply --server-side --field-manager=third --force-conflicts -f -',
    input: applied('9090'),
    out: /serverside-applied/,
  },
  {
    command: 'wait --for=jsonpath={.spec.type}=ClusterIP svc/api --timeout=5s',
    out: /condition met/,
    since: 23,
  },
  { command: 'explain service.spec.clusterIP', out: /clusterIP/ },
  { command: 'auth can-i create services', out: /yes/ },
  {
    command: 'auth can-i --list',
    out: /^Resources +Non-Resource URLs[^]*\*\.\* +\[\] +\[\] +\[\*\]/,
  },
  {
    command: '-n demo create secret tls cert --cert=tls.crt --key=tls.key',
    out: /secret\/cert created/,
  },
  { command: '-n demo get secret cert', out: /cert +kubernetes\.io\/tls +2 / },
  { command: 'events', err: /No events found/, since: 26 },
  { command: 'get events', err: /No resources found/ },

  { command: 'apply -f -', input: definition, out: /customresourcedefinition\S+ created/ },
  {
    command: 'wait --for=condition=Established crd/widgets.example.dev --timeout=5s',
    out: /condition met/,
  },
  { command: 'apply -f -', input: widget, out: /widget.example.dev\/one created/ },
  { command: 'get widgets', out: /^NAME +SIZE\none +3\n$/ },
  { command: 'get wd one -o yaml', out: /size: 3/ },
  { command: 'delete crd widgets.example.dev', out: /deleted/ },
  {
    command: 'get widgets',
    status: 1,
    err: /the server (doesn't have a resource type|could not find)/,
  },

  { command: 'get service nothing', status: 1, err: /services "nothing" not found/ },
  { command: 'get svc -l a=b=c', status: 1, err: /a=b=c/ },
  {
    command: 'create -f - -o name',
    input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: made-}\n',
    out: /^configmap\/made-[a-z0-9]{5}\n$/,
  },
  {
    command: 'create -f -',
    input: service(80).replace('name: api', 'name: Not_Valid'),
    status: 1,
    err: /The Service "Not_Valid" is invalid: metadata\.name/,
  },
  {
    command: 'create -f - --validate=false',
    input: service(70_000).replace('name: api', 'name: wide'),
    status: 1,
    err: /spec\.ports\[0\]\.port/,
  },
  {
    command: 'create -f -',
    input: service(80)
      .replace('spec: {', 'spec: {selektor: {}, ')
      .replace('name: api', 'name: odd'),
    status: 1,
    err: /unknown field "?(?:Service\.)?(?:io\.\S+)?\.?(?:spec\.)?selektor|unknown field "selektor"/,
  },
  { command: 'delete service kubernetes', status: 1, err: /not found/ },
  {
    command: 'delete namespace default',
    status: 1,
    err: /forbidden: this namespace may not be deleted/,
  },
  {
    command: 'delete service from-file -n shop',
    status: 1,
    err: /services "from-file" is forbidden: it is managed by the manifest \S+web\.yaml/,
  },

  // What is pruned must have been applied last; replace and server-side apply forgot that.
  { command: 'apply -f -', input: app, out: /ingress\S+ configured/ },
  {
    command: 'apply --prune -l app=api -f -',
    input: service(80),
    out: /ingress\S+\/api pruned|ingress.networking.k8s.io\/api pruned/,
    since: 27,
  },
  { command: 'delete svc api --cascade=foreground', out: /service "api" deleted/, since: 20 },
  { command: '-n demo delete configmaps --all', out: /"settings" deleted/ },
  { command: 'delete namespace demo', out: /namespace "demo" deleted/ },
  { command: 'get namespace demo', status: 1, err: /not found/ },
];
