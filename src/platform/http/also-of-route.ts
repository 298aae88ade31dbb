/** A parameter whose presence says something of the whole route, such as a header it takes. */
export function alsoOfRoute(parameter: ParameterDecorator, ...route: MethodDecorator[]): ParameterDecorator {
  return (target, name, index) => {
    parameter(target, name, index);
    const descriptor = name === undefined ? undefined : Object.getOwnPropertyDescriptor(target, name);
    if (name === undefined || descriptor === undefined) throw new TypeError('Only for the parameters of a method');
    for (const decorate of route) decorate(target, name, descriptor);
  };
}
