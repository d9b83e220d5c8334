/// The stages of a pipeline as an SVG picture: boxes in columns from what is read to what is
/// published, with a line for each use.
public struct StagePicture {
  /// One box.
  public struct Box {
    let name: String
    let kind: String
    let group: StageGroup
    let uses: [String]
    /// Shown below the name, published tables too; empty for none.
    let columns: [String]
  }

  private let boxes: [Box]
  private let title: String
  private static let width = 190
  private static let gap = (across: 70, down: 22)
  private static let line = 15

  public init(title: String, boxes: [Box]) {
    self.title = title
    self.boxes = boxes
  }

  /// - Parameter showsColumns: whether each box lists the columns that its stage hands on.
  public init(_ pipeline: Pipeline, _ plans: [String: StagePlan], showsColumns: Bool) {
    self.init(
      title: pipeline.name,
      boxes: pipeline.stages.map { stage in
        var columns: [String] = []
        let plan = plans[stage.name.text]
        if showsColumns, case .relation(let shape)? = plan?.shape { columns = shape.schema.names }
        for table in plan?.tables ?? [] {
          columns.append(table.name.description)
          if showsColumns { columns += table.schema.names.map { "– \($0)" } }
        }
        return Box(
          name: stage.name.text, kind: stage.kindName, group: type(of: stage.kind).group,
          uses: stage.dependencies, columns: columns)
      })
  }

  /// The picture as an SVG document.
  public var svg: String {
    let layout = StageLayout(
      boxes: boxes.map { ($0.name, $0.uses, height($0)) }, width: Self.width,
      across: Self.gap.across, down: Self.gap.down)
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(layout.size.x) \(layout.size.y)" \
      width="\(layout.size.x)" height="\(layout.size.y)" font-family="sans-serif" font-size="12">
      <title>\(Self.escaped(title))</title>
      <rect width="100%" height="100%" fill="white"/>
      """
    ]
    for line in layout.lines {
      parts.append("<path d=\"\(Self.curve(line))\" fill=\"none\" stroke=\"#8a93a6\"/>")
    }
    for box in boxes {
      guard let place = layout.corners[box.name] else { continue }
      parts.append(
        """
        <rect x="\(place.x)" y="\(place.y)" width="\(Self.width)" height="\(height(box))" rx="5" \
        fill="\(box.group.colour)" stroke="#5b6476"/>
        <text x="\(place.x + 10)" y="\(place.y + 17)" font-weight="bold">\
        \(Self.escaped(Self.fitting(box.name)))</text>
        <text x="\(place.x + 10)" y="\(place.y + 32)" fill="#5b6476">\(Self.escaped(box.kind))</text>
        """)
      for (row, column) in box.columns.enumerated() {
        parts.append(
          """
          <text x="\(place.x + 10)" y="\(place.y + 50 + row * Self.line)" font-size="11">\
          \(Self.escaped(Self.fitting(column)))</text>
          """)
      }
    }
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func height(_ box: Box) -> Int {
    40 + (box.columns.isEmpty ? 0 : 6 + box.columns.count * Self.line)
  }

  /// A curve between columns, straight through them.
  private static func curve(_ points: [StageLayout.Point]) -> String {
    var path = "M\(points[0].x) \(points[0].y)"
    for (start, end) in zip(points, points.dropFirst()) {
      let middle = (start.x + end.x) / 2
      path += " C\(middle) \(start.y) \(middle) \(end.y) \(end.x) \(end.y)"
    }
    return path
  }

  private static func fitting(_ text: String) -> String {
    text.count > 26 ? text.prefix(25) + "…" : text
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
