import Frames

/// The arguments of one row of a function of texts.
struct TextRow {
  enum Argument {
    case text(Lane<Int32>, TextDictionary)
    case integer(Lane<Int64>)
  }

  let arguments: [Argument]
  var row = 0

  func text(_ index: Int) -> ArraySlice<UInt8> {
    if case .text(let codes, let dictionary) = arguments[index] {
      return dictionary.utf8(codes.values[row &* codes.stride])
    }
    return []
  }

  func string(_ index: Int) -> String { String(decoding: text(index), as: UTF8.self) }

  func integer(_ index: Int) -> Int64 {
    if case .integer(let lane) = arguments[index] { return lane.values[row &* lane.stride] }
    return 0
  }
}

extension Invocation {
  /// Applies a function of texts and integers to each row. Where a single text varies it is computed
  /// once for each distinct text, not for each row.
  func tryTextMap<R>(
    _ vectors: [Vector], to type: ColumnType, _ wrap: ([R]) -> ColumnValues, placeholder: R,
    _ body: (TextRow, inout Failure) -> R
  ) throws(EvaluationError) -> Vector {
    let (count, isConstant) = extent(vectors)
    let validity = validity(vectors, count: count)
    var row = TextRow(arguments: vectors.map(TextRow.Argument.init))
    var failure = Failure()
    var values: [R] = []
    values.reserveCapacity(count)
    let varying = vectors.filter { !$0.isConstant }
    if varying.count == 1, case .text(let codes, let dictionary) = varying[0].column.values {
      var isKnown = [Bool](repeating: false, count: dictionary.count)
      var known = [R](repeating: placeholder, count: dictionary.count)
      for place in 0..<count {
        if let validity, !validity[place] {
          values.append(placeholder)
          continue
        }
        let code = Int(codes[place])
        if !isKnown[code] {
          row.row = place
          known[code] = body(row, &failure)
          isKnown[code] = true
          if let kind = failure.kind { throw self.failure(kind, failure.message, at: place) }
        }
        values.append(known[code])
      }
    } else {
      for place in 0..<count {
        if let validity, !validity[place] {
          values.append(placeholder)
          continue
        }
        row.row = place
        values.append(body(row, &failure))
        if let kind = failure.kind { throw self.failure(kind, failure.message, at: place) }
      }
    }
    return Vector(type, wrap(values), validity: validity, isConstant: isConstant)
  }

  func textMap<R>(
    _ vectors: [Vector], to type: ColumnType, _ wrap: ([R]) -> ColumnValues, placeholder: R,
    _ body: (TextRow) -> R
  ) -> Vector {
    // The body cannot fail, so nothing is thrown; without arguments there is nothing to map.
    let result = try? tryTextMap(vectors, to: type, wrap, placeholder: placeholder) { row, _ in
      body(row)
    }
    return result ?? .null(type)
  }

  /// A function whose result is a text, given as UTF-8.
  func tryTextMap(
    _ vectors: [Vector], to type: ColumnType = .text,
    _ body: (TextRow, inout Failure) -> [UInt8]
  ) throws(EvaluationError) -> Vector {
    var dictionary = TextDictionaryBuilder()
    let empty = dictionary.code(of: [][...])
    let wrap = { (codes: [Int32]) in ColumnValues.int64(codes.map(Int64.init)) }
    let codes = try tryTextMap(vectors, to: .int4, wrap, placeholder: empty) { row, failure in
      dictionary.code(of: body(row, &failure)[...])
    }
    return Vector(
      type, .text(codes.int64s.values.map { Int32(truncatingIfNeeded: $0) }, dictionary.build()),
      validity: codes.validity, isConstant: codes.isConstant)
  }
}

extension TextRow.Argument {
  init(_ vector: Vector) {
    switch vector.column.values {
    case .text: self = .text(vector.texts.codes, vector.texts.dictionary)
    default: self = .integer(vector.int64s)
    }
  }
}

extension Kernel {
  /// A function of texts (and integers) whose result is a text.
  static func text(_ body: @escaping @Sendable (TextRow) -> [UInt8]) -> Kernel {
    .infallible { arguments, call throws(EvaluationError) in
      try call.tryTextMap(arguments) { row, _ in body(row) }
    }
  }

  static func tryText(
    _ body: @escaping @Sendable (TextRow, inout Failure) -> [UInt8]
  ) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in try call.tryTextMap(arguments, body) }
  }

  static func textToInteger(_ body: @escaping @Sendable (TextRow) -> Int64) -> Kernel {
    .infallible { arguments, call in
      call.textMap(arguments, to: .int4, ColumnValues.int64, placeholder: 0, body)
    }
  }
}
