print("salle")
