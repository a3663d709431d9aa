import type { ResourceKind, TransportRequest } from '#operator/runtime';
import { ok, RefusedError, refusal, type JsonAnswer } from './answers.ts';
import { applyFields, claimChanges, isObject, type JsonObject } from './field-ownership.ts';
import type { ObjectStore, StoredMeta, StoredObject } from './object-store.ts';
import type { Route } from './routes.ts';

export interface WriteContext {
  readonly store: ObjectStore;
  readonly admit?: ((object: JsonObject, old: JsonObject | undefined) => void) | undefined;
}

interface WriteRequest extends TransportRequest {
  readonly kind: ResourceKind & { readonly scalePath?: readonly string[] };
}

/** Carries out a create, update, patch or delete. Throws RefusedError. */
export function runWrite(route: Route, request: WriteRequest, context: WriteContext): JsonAnswer {
  const body = JSON.parse(request.body ?? '{}') as JsonObject;
  const key = context.store.key(request.kind.apiVersion, route.plural, route);
  const found = context.store.find(key);
  switch (route.verb) {
    case 'create':
      return create(route, request.kind, body, context);
    case 'update':
      return replace(body, { key, route, request, context, found: required(found, route) });
    case 'delete':
      return remove(body, { key, request, context, found: required(found, route) });
    default:
      break;
  }
  if (request.contentType === 'application/apply-patch+yaml') {
    return apply(body, { key, route, request, context, found });
  }
  if (request.contentType === 'application/merge-patch+json') {
    return mergePatch(body, { key, route, request, context, found: required(found, route) });
  }
  return refusal(400, { message: `no patch of type ${request.contentType} here` });
}

function required(found: StoredObject | undefined, route: Route): StoredObject {
  if (found !== undefined) return found;
  throw new RefusedError(404, { message: `${route.plural} "${route.name}" not found` });
}

interface Target {
  readonly key: string;
  readonly route: Route;
  readonly request: WriteRequest;
  readonly context: WriteContext;
  readonly found: StoredObject;
}

function create(
  route: Route,
  kind: ResourceKind,
  body: JsonObject,
  { store, admit }: WriteContext,
): JsonAnswer {
  const given = (isObject(body['metadata']) ? body['metadata'] : {}) as Partial<StoredMeta>;
  const prefix = typeof given['generateName'] === 'string' ? given['generateName'] : '';
  const name = given.name ?? `${prefix}${store.version}`;
  const { namespace } = route;
  const key = store.key(kind.apiVersion, route.plural, { namespace, name });
  if (store.find(key) !== undefined) {
    const message = `${route.plural} "${name}" already exists`;
    throw new RefusedError(409, { reason: 'AlreadyExists', message });
  }
  const metadata = { ...given, name, ...(namespace === undefined ? {} : { namespace }) };
  const whole = { ...body, metadata };
  admit?.(whole, undefined);
  const stored = store.insert(key, kind.apiVersion, route.plural, whole);
  claimChanges({}, fieldsOf(stored.body), { manager: 'create', ownership: stored.ownership });
  return ok(stored.body, 201);
}

function replace(body: JsonObject, target: Target): JsonAnswer {
  const { found, route } = target;
  const given = (body['metadata'] as Partial<StoredMeta> | undefined) ?? {};
  const isStale =
    given.resourceVersion !== undefined &&
    given.resourceVersion !== found.body.metadata.resourceVersion;
  if (isStale || (given.uid !== undefined && given.uid !== found.body.metadata.uid)) {
    throw new RefusedError(409, { message: 'the object has been modified' });
  }
  return store(withSubresource(found.body, body, route.subresource), target, 'update');
}

function mergePatch(body: JsonObject, target: Target): JsonAnswer {
  const { found, route, request } = target;
  if (route.subresource === 'scale') {
    const replicas = isObject(body['spec']) ? body['spec']['replicas'] : undefined;
    const path = request.kind.scalePath ?? ['spec', 'replicas'];
    const patch = path.toReversed().reduce<unknown>((inner, name) => ({ [name]: inner }), replicas);
    return store(merge(found.body, patch) as JsonObject, target, 'scale');
  }
  const given = (body['metadata'] as Partial<StoredMeta> | undefined) ?? {};
  const current = found.body.metadata.resourceVersion;
  if (given.resourceVersion !== undefined && given.resourceVersion !== current) {
    throw new RefusedError(409, { message: 'the object has been modified' });
  }
  const merged = merge(found.body, body) as JsonObject;
  const manager = route.query.get('fieldManager') ?? 'patch';
  return store(withSubresource(found.body, merged, route.subresource), target, manager);
}

function apply(
  body: JsonObject,
  target: Omit<Target, 'found'> & { readonly found: StoredObject | undefined },
): JsonAnswer {
  const { route, request, context, key, found } = target;
  const manager = `${route.query.get('fieldManager') ?? ''}/${route.subresource ?? ''}`;
  if (manager.startsWith('/')) throw new RefusedError(400, { message: 'fieldManager is required' });
  const isForced = route.query.get('force') === 'true';
  if (found === undefined) {
    if (route.subresource !== undefined) {
      throw new RefusedError(404, { message: `${route.plural} "${route.name}" not found` });
    }
    const { status: _status, ...whole } = body;
    context.admit?.(whole, undefined);
    const stored = context.store.insert(key, request.kind.apiVersion, route.plural, whole);
    const options = { manager, isForced, ownership: stored.ownership };
    applyFields(fieldsOf(stored.body), fieldsOf(whole), options);
    return ok(stored.body, 201);
  }
  const given = body['metadata'] as Partial<StoredMeta>;
  if (given.uid !== undefined && given.uid !== found.body.metadata.uid) {
    throw new RefusedError(409, { message: 'uid mismatch' });
  }
  const wanted =
    route.subresource === 'status' ? { status: body['status'] } : omitStatus(fieldsOf(body));
  const { conflicts, object } = applyFields(found.body, wanted, {
    manager,
    isForced,
    ownership: found.ownership,
  });
  if (conflicts.length > 0) {
    const message = `Apply failed with conflicts: ${conflicts.join(', ')}`;
    throw new RefusedError(409, { message, details: { causes: conflicts } });
  }
  context.admit?.(object, found.body);
  context.store.update(key, request.kind.apiVersion, found, object);
  return ok(found.body);
}

function remove(
  body: JsonObject,
  { key, request, context, found }: Omit<Target, 'route'>,
): JsonAnswer {
  const preconditions = body['preconditions'] as { readonly uid?: string } | undefined;
  if (preconditions?.uid !== undefined && preconditions.uid !== found.body.metadata.uid) {
    throw new RefusedError(409, { message: 'the UID in the precondition is another one' });
  }
  const propagation = body['propagationPolicy'] === 'Orphan' ? 'Orphan' : 'Background';
  context.store.delete(key, request.kind.apiVersion, found, propagation);
  return ok({ kind: 'Status', apiVersion: 'v1', status: 'Success' });
}

function store(body: JsonObject, target: Target, manager: string): JsonAnswer {
  const { context, found, key, request } = target;
  context.admit?.(body, found.body);
  const before = fieldsOf(found.body);
  context.store.update(key, request.kind.apiVersion, found, body);
  claimChanges(before, fieldsOf(found.body), { manager, ownership: found.ownership });
  return ok(found.body);
}

/** The main endpoint leaves the status alone, and the status endpoint everything else. */
function withSubresource(
  live: JsonObject,
  given: JsonObject,
  subresource: string | undefined,
): JsonObject {
  if (subresource === 'status') return { ...live, status: given['status'] };
  const { status } = live;
  return status === undefined ? omitStatus(given) : { ...given, status };
}

function omitStatus({ status: _status, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** What managers own: everything but what the server keeps itself. */
function fieldsOf(body: JsonObject): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = body;
  const metadata = (body['metadata'] ?? {}) as JsonObject;
  const owned = Object.fromEntries(
    ['labels', 'annotations', 'finalizers', 'ownerReferences']
      .filter((name) => metadata[name] !== undefined)
      .map((name) => [name, metadata[name]]),
  );
  return { ...rest, metadata: owned };
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}
