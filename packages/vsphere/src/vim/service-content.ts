import type { ServiceContent, VimMethod } from './vim-client.ts';
import { object, optional, reference, type Shape, text } from './vim-shape.ts';
import { type ManagedObject, managedObject } from './vim-value.ts';

/** The one object that needs no look-up. */
export const serviceInstance: ManagedObject = managedObject('ServiceInstance', 'ServiceInstance');

const manager = optional(reference);

/** The answer to {@link retrieveServiceContent}, and in VI JSON a property. */
export const serviceContent: Shape<ServiceContent> = object('ServiceContent', {
  rootFolder: reference,
  propertyCollector: reference,
  viewManager: manager,
  about: object('AboutInfo', {
    name: text,
    fullName: text,
    version: text,
    build: text,
    apiType: text,
    apiVersion: text,
    instanceUuid: optional(text),
  }),
  sessionManager: manager,
  authorizationManager: manager,
  taskManager: manager,
  searchIndex: manager,
  ovfManager: manager,
});

/** Tells what a server is and has; needs no login. */
export const retrieveServiceContent: VimMethod<ServiceContent> = {
  name: 'RetrieveServiceContent',
  result: serviceContent,
  isRepeatable: true,
};

/** The server's time: what keeps a session alive, as it needs no privilege. */
export const currentTime: VimMethod<string> = { name: 'CurrentTime', result: text, isRepeatable: true };
