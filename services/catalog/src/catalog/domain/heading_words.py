"""Words that tell a speaker's heading from other short lines, in English, French and Ukrainian."""

from typing import Literal, TypeAlias

Role: TypeAlias = Literal["asks", "answers", "moderates"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BY_ROLE: dict[Role, frozenset[str]] = {
    "asks": _words(
        """
        q question journalist reporter correspondent journaliste correspondant correspondante
        журналіст журналістка кореспондент кореспондентка запитання питання
        """
    ),
    "answers": _words("a answer réponse відповідь"),
    "moderates": _words("moderator chair host modérateur modératrice модератор модераторка ведучий ведуча"),
}

# What stands in the place of a name.
ROLES = {word: role for role, words in _BY_ROLE.items() for word in words}

# A function names one of these; so do functions before a name, as in `President Ilse Marent`.
FUNCTIONS = _words(
    """
    admiral ambassador anchor captain chair chairman chairwoman chancellor chief colonel commander
    commissioner correspondent counsellor deputy director doctor dr editor engineer general governor head
    host journalist king lady lieutenant lord madam mayor minister moderator mr mrs ms officer premier
    president prime prof professor queen reporter representative secretary senator spokesman spokesperson
    spokeswoman speaker
    amiral ambassadeur ambassadrice cheffe chef chancelier chancelière colonelle commandant commissaire
    conseiller conseillère correspondant correspondante directeur directrice docteure docteur général générale
    gouverneur gouverneure ingénieur ingénieure journaliste madame maire ministre mme modérateur modératrice
    monsieur m porte-parole première président présidente professeur professeure rédacteur rédactrice reine
    roi secrétaire sénateur sénatrice
    адмірал генерал генеральна генеральний голова губернатор губернаторка депутат депутатка директор
    директорка доктор докторка журналіст журналістка інженер інженерка канцлер канцлерка командувач комісар
    комісарка кореспондент кореспондентка капітан король королева мер мерка міністр міністерка модератор
    модераторка пан пані полковник полковниця посол послиця президент президентка прем'єр прем'єр-міністр
    прем'єр-міністерка прем'єрка професор професорка радник радниця редактор редакторка речник речниця
    секретар секретарка сенатор сенаторка ведучий ведуча
    """
)

# A line with one of these is what somebody says, or the title of a part.
NEVER_NAMES = (
    _words(
        """
        absolutely afternoon agreed answer answers briefing bye closing colleagues conference congratulations
        dear declaration delivered evening everybody everyone exactly excellent friends gentlemen good goodbye
        greetings hello hi introduction joint ladies long live meeting morning no ok okay opening please press
        questions remarks right session sorry speech statement statements sure thank thanks transcript
        translation welcome what when where who why yes
        allocution amis accord bien bienvenue bonjour bonsoir chers chères collègues conférence déclaration
        discours exactement merci mesdames messieurs non oui ouverture pardon presse questions réponses
        remarques réunion séance transcription traduction très vive voilà
        бажаю вступ виступ відповіді вітаю віримо дорогі дякуємо дякую друзі добре доброго добрий запитання
        заява звісно колеги ласкаво ні переклад питання перемога пані-панове прес-конференція пресконференція
        прошу промова слава спільна так точно україні шановні
        """
    )
    - ROLES.keys()
)

# Small words inside a name.
PARTICLES = _words(
    """
    af al ap bin d da dal de del della der des di dos du e el et i la le les of the van vom von y zu та
    """
)
