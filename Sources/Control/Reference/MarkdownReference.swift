import Catalogue

/// The reference of the control tree, to be read by people.
public enum MarkdownReference {
  /// The reference as one Markdown text.
  public static func text(of tree: ControlTree = .room, language: Language) -> String {
    let words = Words(language)
    var text = "# \(words.title)\n"
    for document in ControlDocument.allCases {
      text += "\n## x\(document.rawValue)\n"
      for index in tree.indices(of: document) { text += section(tree.nodes[index], words) }
    }
    return text
  }

  private static func section(_ node: ControlNode, _ words: Words) -> String {
    var text = "\n### x\(node.document.rawValue) \(node.path)\n\n\(node.text[words.language])\n\n"
    var remarks: [String] = []
    if let space = node.space { remarks.append("`\(space)`") }
    if case .setting(_, let standard, let items) = node.kind {
      remarks.append("\(words.standard) `\(standard.text)`")
      if let items { remarks.append("n = \(items.lowerBound)…\(items.upperBound)") }
    }
    remarks.append("\(words.role) `\(node.role.rawValue)`")
    if node.isPersonal { remarks.append(words.personal) }
    if node.takesBody { remarks.append(words.body) }
    text += remarks.joined(separator: " · ") + "\n"
    text += table(words.fields, node.fields, words)
    text += table(words.results, node.results, words)
    return text
  }

  private static func table(_ title: String, _ fields: [ControlField], _ words: Words) -> String {
    guard !fields.isEmpty else { return "" }
    let rows = fields.map { field in
      "| `\(field.path)` | `\(field.space)` | \(field.isRequired ? words.yes : "") | \(field.text[words.language]) |\n"
    }
    return "\n| \(title) | | \(words.always) | |\n| --- | --- | --- | --- |\n" + rows.joined()
  }

  /// The words between the texts of the nodes.
  private struct Words {
    let language: Language
    let title, standard, role, personal, body, fields, results, always, yes: String

    init(_ language: Language) {
      self.language = language
      func word(_ french: FrenchText, _ english: String) -> String {
        Sentence(french: french, english: english)[language]
      }
      title = word("Pilotage de la salle", "Controlling the room")
      standard = word("valeur par défaut", "standard value")
      role = word("rôle", "role")
      personal = word("donnée personnelle", "personal")
      body = word("suivi de lignes de texte", "followed by lines of text")
      fields = word("Champ", "Field")
      results = word("Réponse", "Answer")
      always = word("obligatoire", "required")
      yes = word("oui", "yes")
    }
  }
}
