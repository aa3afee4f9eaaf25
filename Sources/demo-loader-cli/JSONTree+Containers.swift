// SPDX-License-Identifier: Apache-2.0

/// Stores the members of an object.
struct JSONMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let tree: JSONTree
  var codingPath: [any CodingKey] { tree.codingPath }

  func encodeNil(forKey key: Key) { tree.member(key).storeNull() }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try tree.member(key).store(value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    tree.member(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { tree.member(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { tree.member(JSONSuper.super) }
  func superEncoder(forKey key: Key) -> any Encoder { tree.member(key) }
}

/// The key of what a superclass encodes, as in other encoders.
private enum JSONSuper: String, CodingKey {
  case `super`
}

/// Stores the elements of a list.
struct JSONElements: UnkeyedEncodingContainer {
  let tree: JSONTree
  var codingPath: [any CodingKey] { tree.codingPath }
  var count: Int { tree.elements.count }

  func encodeNil() { tree.element().storeNull() }
  func encode<Value: Encodable>(_ value: Value) throws { try tree.element().store(value) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    tree.element().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { tree.element().unkeyedContainer() }
  func superEncoder() -> any Encoder { tree.element() }
}

/// Stores one value.
struct JSONValue: SingleValueEncodingContainer {
  let tree: JSONTree
  var codingPath: [any CodingKey] { tree.codingPath }

  func encodeNil() { tree.storeNull() }
  func encode<Value: Encodable>(_ value: Value) throws { try tree.store(value) }
}
