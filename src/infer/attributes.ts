/** `x.name`: reading and writing attributes of everything that has some. */
import { opByPath } from '../catalogue';
import { product } from '../ir/dim';
import type { Expression } from '../ir/program';
import { isRanked, ranked } from '../ir/shape';
import {
  type InstanceValue,
  integer,
  sizeValue,
  type TensorValue,
  text,
  tuple,
  unknownValue,
  type Value,
} from '../ir/value';
import { classInfo } from './class-info';
import { bindMember, noteModel, setInstanceAttribute } from './classes';
import { describe } from './describe';
import { AFTER_FAULT, type Evaluator, isPlainName } from './evaluator';
import { frameAttribute, setFrameAttribute } from './frames';
import { type LayerObject, ModelObject } from './graph';
import { libraryName } from './imports';
import { scriptConstant } from './javascript-library';
import { DICT_CELL, SEQUENCE_CELL } from './join';
import { checkName } from './keras-3';
import { layerAttribute, setLayerAttribute } from './layer-attributes';
import { layerOf } from './layers';
import { isMethodOf } from './methods';
import { operationResult } from './operations';
import { isBaseMethod } from './script-layers';
import { libraryConstant } from './python-library';

type AttributeNode = Expression & { kind: 'attribute' };

export function getAttribute(cx: Evaluator, object: Value, name: string, node: AttributeNode): Value {
  switch (object.kind) {
    case 'module':
    case 'library':
      checkName(cx, `${object.path}.${name}`, node);
      if (object.path.startsWith('js.'))
        return scriptConstant(`${object.path}.${name}`) ?? { kind: 'library', path: `${object.path}.${name}` };
      return libraryConstant(cx, `${object.path}.${name}`) ?? libraryName(`${object.path}.${name}`);
    case 'instance':
      return instanceAttribute(cx, object, name, node);
    case 'super':
      return superAttribute(cx, object, name, node);
    case 'class':
      return classAttribute(cx, object, name, node);
    case 'layer':
    case 'model': {
      const layer = layerOf(object)!;
      if (isNotBuilt(layer, name)) {
        return cx.fault(
          { kind: 'not-built' },
          {
            place: cx.place(node.span),
            callee: layer.name,
            className: layer.className,
            origins: [{ place: layer.site.place, what: layer.name }],
          },
        );
      }
      return layerAttribute(cx, layer, name) ?? { kind: 'method', self: object, name };
    }
    case 'tensor':
      return tensorAttribute(cx, object, name, node);
    case 'frame':
      return frameAttribute(cx, object, name, node.span);
    case 'unknown': {
      if (object === AFTER_FAULT) return object;
      return object.name !== undefined && isPlainName(node)
        ? cx.attributeOf(object, name, describe(node))
        : unknownValue(object.why);
    }
    case 'dict':
      // JavaScript's objects have their entries as attributes.
      if (cx.language !== 'python') {
        return (
          object.entries.get(name) ??
          (isMethodOf(object, name)
            ? { kind: 'method', self: object, name }
            : object.open === undefined
              ? { kind: 'none', spelled: 'undefined' }
              : unknownValue(object.open))
        );
      }
      return { kind: 'method', self: object, name };
    case 'object':
      return objectAttribute(object, name);
    case 'function':
      return name === '__name__'
        ? text(object.name)
        : unknownValue(`the attribute \`${name}\` of a function is not followed`);
    case 'number':
      if (name === 'real' || name === 'numerator') return object;
      return { kind: 'method', self: object, name };
    case 'list':
    case 'string':
    case 'tuple':
    case 'set':
      if (name === 'length' && cx.language !== 'python') {
        return object.kind === 'string'
          ? integer(object.value.length)
          : object.rest
            ? unknownValue('the length of this list is not known')
            : integer(object.items.length);
      }
      return { kind: 'method', self: object, name };
    case 'none':
      return unknownValue(`${object.spelled} has no \`${name}\``);
    case 'size':
    case 'boolean':
    case 'range':
    case 'method':
    case 'slice':
      return { kind: 'method', self: object, name };
  }
}

/** A Sequential that has not seen its input has none of these yet. */
function isNotBuilt(layer: LayerObject, name: string): boolean {
  return (
    layer instanceof ModelObject &&
    layer.kind === 'sequential' &&
    !layer.inputLayer &&
    layer.uncertain === undefined &&
    layer.nodes.length === 0 &&
    /^(inputs?|outputs?|input_shape|output_shape)$/.test(name)
  );
}

/** A member of the instance, its class, or the library's base class. */
function instanceAttribute(cx: Evaluator, instance: InstanceValue, name: string, node: AttributeNode): Value {
  const own = instance.attributes.get(name);
  if (own !== undefined) return own;
  const member = instanceMethod(cx, instance, name, node);
  if (member) return member;
  const layer = layerOf(instance);
  if (layer) {
    const known = layerAttribute(cx, layer, name);
    if (known) return known;
    const base = classInfo(instance.of).libraryBase();
    if (base !== undefined && isBaseMethod(base, name))
      return { kind: 'method', self: instance, name, of: { kind: 'library', path: base } };
  }
  if (name === '__class__') return instance.of;
  return unknownValue(`\`${describe(node)}\` is not set before it is used here`);
}

/** A method or property of the program's own class, bound to the instance. */
export function instanceMethod(
  cx: Evaluator,
  instance: InstanceValue,
  name: string,
  node?: Expression,
): Value | undefined {
  const member = classInfo(instance.of).find(name);
  return member && bindMember(cx, instance, member.value, name, node?.span);
}

function superAttribute(cx: Evaluator, object: Value & { kind: 'super' }, name: string, node: AttributeNode): Value {
  const info = classInfo(object.instance.of);
  const member = info.find(name, classInfo(object.after));
  if (member) return bindMember(cx, object.instance, member.value, name, node.span);
  const base = info.libraryBase();
  if (base !== undefined) return { kind: 'method', self: object.instance, name, of: { kind: 'library', path: base } };
  // `object.__init__` takes nothing and does nothing.
  return { kind: 'library', path: 'builtins.object.__init__' };
}

function classAttribute(cx: Evaluator, cls: Value & { kind: 'class' }, name: string, node: AttributeNode): Value {
  if (name === '__name__') return text(cls.name);
  const info = classInfo(cls);
  const member = info.find(name);
  if (member) return member.value.kind === 'function' ? bindClassMember(cx, cls, member.value, name) : member.value;
  const base = info.libraryBase();
  if (base !== undefined && name === '__init__') return { kind: 'library', path: 'builtins.object.__init__' };
  return unknownValue(`\`${describe(node)}\` is not known`);
}

function bindClassMember(
  cx: Evaluator,
  cls: Value & { kind: 'class' },
  member: Value & { kind: 'function' },
  name: string,
): Value {
  const bound = bindMember(cx, cls, member, name, undefined);
  // `Base.method(self, …)`: the instance is handed over by hand, unless this is a class method.
  return bound.kind === 'method' && isClassMethod(member) ? bound : member;
}

function isClassMethod(member: Value & { kind: 'function' }): boolean {
  return (member.code as { binding?: string }).binding === 'class';
}

function objectAttribute(object: Value & { kind: 'object' }, name: string): Value {
  if (object.path === 'namespace') return object.args.get(name) ?? unknownValue(`\`${name}\` is not known`);
  const given = object.args.get(name);
  if (given && !/^[a-z_]+$/.test(name)) return given;
  return { kind: 'method', self: object, name };
}

// --------------------------------------------------------------------------------------------------------- tensors

function tensorAttribute(cx: Evaluator, tensor: TensorValue, name: string, node: AttributeNode): Value {
  const { shape } = tensor;
  switch (name) {
    case 'shape':
      if (isRanked(shape))
        return tuple(
          shape.dims.map((d, i) => (d.kind === 'unknown' ? cx.axisOf(tensor, node, i, d.why) : sizeValue(d))),
        );
      return unknownValue(shape.why, isPlainName(node.object) ? describe(node) : undefined);
    case 'ndim':
    case 'rank':
      return isRanked(shape) ? integer(shape.dims.length) : unknownValue(shape.why);
    case 'size':
      return isRanked(shape) && tensor.flavour !== 'symbolic'
        ? sizeValue(product(shape.dims))
        : unknownValue('the number of elements is not known');
    case 'dtype':
      return tensor.dtype === undefined ? unknownValue('the type of the numbers is not known') : text(tensor.dtype);
    case 'T':
    case 'mT':
      if (!isRanked(shape)) return operationResult(cx, shape, [tensor], 'Transpose', node.span);
      return operationResult(cx, ranked([...shape.dims].reverse()), [tensor], 'Transpose', node.span, {
        facts: tensor.facts,
      });
    case 'name':
      return unknownValue('the name of a tensor is not followed');
    case 'values':
      if (tensor.flavour === 'pandas') return { ...tensor, flavour: 'numpy' };
      break;
    default:
      break;
  }
  return cx.language !== 'python' || opByPath(`tensor.${name}`) || /^[a-z_]+$/.test(name)
    ? { kind: 'method', self: tensor, name }
    : unknownValue(`\`${describe(node)}\` is not known`);
}

// --------------------------------------------------------------------------------------------------------- writing

export function setAttribute(cx: Evaluator, object: Value, name: string, value: Value, node: AttributeNode): void {
  if (object.kind === 'instance') {
    const layer = layerOf(object);
    if (layer && setLayerAttribute(cx, layer, name, value)) return;
    setInstanceAttribute(cx, object, name, value.kind === 'unknown' ? cx.named(name, value) : value);
    noteModel(cx, object, value, name, node.nameSpan, node.span);
  } else if (object.kind === 'layer' || object.kind === 'model') {
    setLayerAttribute(cx, layerOf(object)!, name, value);
  } else if (object.kind === 'frame') {
    setFrameAttribute(cx, object, name, value);
  } else if (object.kind === 'list' && cx.language !== 'python' && name === 'length') {
    cx.journal.touch(object, SEQUENCE_CELL);
    const isShorter = value.kind === 'number' && value.value <= object.items.length && !object.rest;
    object.items.length = isShorter ? value.value : 0;
    if (!isShorter) object.rest = unknownValue('one of several items');
  } else if (object.kind === 'dict' && cx.language !== 'python') {
    cx.journal.touch(object, DICT_CELL);
    object.entries.set(name, value);
  } else if (object.kind === 'unknown' && object.name !== undefined) {
    // From here on the attribute is another thing than what was read before.
    cx.forgetAttribute(describe(node));
  }
}
