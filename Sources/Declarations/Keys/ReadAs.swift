/// A value that is written as another one is: what that says, in the words of whoever uses it.
public protocol ReadAs: Readable {
  associatedtype Written: Readable
  init(_ written: Written)
}

extension ReadAs {
  public static var shape: Shape { Written.shape }
  public static var blank: Self { Self(Written.blank) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    Written.read(node, reader).map { Self($0) }
  }
}
