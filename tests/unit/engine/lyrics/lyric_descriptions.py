"""Two hundred different things people ask a song to be about."""

_SUBJECTS = """
summer days|a lighthouse keeper who lost his dog|dancing in the rain|my grandmother's kitchen|a robot who falls in love
driving home at midnight|dragons and ancient castles|heartbreak in Paris|a truck and a dirt road|an old flame
the last train to Berlin|coffee in the morning|a girl who left me at the station|climate change|my daughter Lucy
overcoming depression|finding hope after a storm|growing up in a small town|losing my job|the ocean at night
a soldier coming home|first love|a broken guitar|winter snow|stars above the desert|an astronaut far from earth
working too hard|pizza|my best friend|a wedding in June|leaving the city|a haunted house|freedom|a wild horse
my father's hands|a rainy Sunday|the moon|a shooting star|falling asleep|a long road|neon lights|a football team
winning the race|a lost letter|an empty house|an autumn walk|birds in spring|a river|the mountains|a campfire
old photographs|a summer romance|a secret garden|a pirate ship|a candle|my hometown|a garden|the future|a machine
video games|a birthday party|saturday night|a king without a crown|money|fame|a dream|a promise|a goodbye|the war
peace|faith|an angel|a church bell|mercy|a prayer|a new beginning|courage|a second chance|the wind|a ghost
a thunderstorm|a paper boat|a cat on the roof|my little brother|a penguin|bees and flowers|a sandwich|chocolate
a bicycle|the subway|a taxi driver|rooftops|a diner|the highway|a motel|a gas station|a front porch|an apple tree
"""
_FRAMES = ("a {mood} song about {subject}", "{mood} track about {subject}, with catchy melody and female vocals")
_MOODS = ("cheerful", "sad", "dreamy", "energetic", "melancholic", "romantic", "hopeful", "dark", "gentle", "upbeat")


def descriptions(count: int = 200) -> list[str]:
    subjects = [s for row in _SUBJECTS.strip().split("\n") for s in row.split("|")]
    return [
        _FRAMES[(k // len(subjects)) % 2].format(mood=_MOODS[k % len(_MOODS)], subject=subjects[k % len(subjects)])
        for k in range(count)
    ]
