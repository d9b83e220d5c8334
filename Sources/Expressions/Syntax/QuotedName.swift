/// A name as expressions and SQL take any: `"a""b"`.
public func quotedName(_ name: String) -> String {
  "\"" + name.replacing("\"", with: "\"\"") + "\""
}
