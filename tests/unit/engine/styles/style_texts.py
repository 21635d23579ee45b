"""What people type, and what it must be understood as: `(text, features)`.

Features, comma-separated: a style's name first; `3/4`, `6/8`, `12/8`; `bpm=` exactly, `bpm<`, `bpm>`; `female`,
`male`; `minor`, `major` when most of the modes' weight is there; `+name` a player with that in its name,
`-name` none of exactly that name;
`-drums`, `-bass`; `instrumental`; `mood=`; `rap`; `?word` a phrase told as ignored; `!` nothing ignored.
"""

TEXTS = """
pop | pop !
upbeat pop, female vocals | pop female mood=bright !
indie pop with jangly guitars | pop +guitar
electropop, 120 bpm | pop bpm=120 !
mandopop ballad, piano | pop +piano bpm<100
children's music | pop +ukulele !
rock | rock !
classic rock, male vocals, power chords | rock male !
grunge, angry | rock mood=wild !
surf rock | rock bpm>140
shoegaze, dreamy | rock +guitar left
post-rock instrumental | rock instrumental bpm<110
psychedelic rock with sitar | rock +sitar
progressive rock, organ solo | rock +organ
rock and roll, piano | rock +piano bpm>140
stoner rock | metal bpm<108
gothic rock | punk bpm<150
metal, screamed | metal !
doom metal, slow | metal bpm<90
thrash metal | metal bpm>160
symphonic metal with choir | metal +choir
folk metal | metal +strum
djent | metal bpm<130
punk | punk !
pop punk, energetic, fast | punk bpm>170
midwest emo | punk !
post-punk, cold | punk bpm<150
celtic punk | punk +whistle
country, fiddle and banjo | country +fiddle +banjo !
bluegrass | country -drums +banjo bpm>120
bluegrass with drums | country +banjo
bro country | country !
honky tonk, piano | country +piano
country trap | trap +steel guitar
outlaw country, male baritone | country male
country waltz | country_waltz 3/4 !
waltz in 3/4, accordion | country_waltz 3/4 +accordion
viennese waltz, strings | country_waltz 3/4 bpm>130 +fiddle
lullaby, soft | country_waltz 3/4 bpm<95 -drums
jazz waltz | jazz_swing 3/4
folk | indie_folk !
campfire acoustic guitar, no drums | indie_folk -drums
sea shanty | indie_folk +accordion !
celtic folk with flute | indie_folk +whistle +flute
medieval tavern song | indie_folk -drums +harp
Americana, pedal steel | indie_folk +steel guitar
blues | blues 12/8 !
slow blues 12/8, harmonica | blues 12/8 +harmonica bpm<70
delta blues | blues -drums +acoustic guitar
doo-wop | blues 12/8 +choir bpm<90
rockabilly | blues bpm>110
boogie woogie piano | blues +piano
jazz | jazz_swing !
gypsy jazz | jazz_swing -drums +violin
smooth jazz, sax | jazz_swing +sax bpm<115
dixieland | jazz_swing +clarinet +trumpet
bebop | jazz_swing bpm>180
piano jazz trio | jazz_swing +piano
cool jazz, brushes | jazz_swing !
bossa nova | bossa_nova !
bossa-nova, nylon guitar, female breathy vocals | bossa_nova female +nylon guitar
tango | bossa_nova -drums +accordion
samba | bossa_nova bpm<125
latin jazz | bossa_nova +trumpet
soul | soul_rnb !
neo-soul with rhodes | soul_rnb +rhodes !
R&B slow jam | soul_rnb bpm<80
motown, 60s | soul_rnb bpm>105
city pop | soul_rnb bpm>95
シティポップ | soul_rnb
funk | funk !
p-funk, talkbox | funk +synth
disco | disco !
nu disco, strings | disco +strings
future funk | disco +synth
gospel | gospel 12/8 !
worship, emotional | gospel bpm<90
a cappella | gospel -drums +choir
gospel house | house +choir
hip hop | hip_hop !
boom bap, 90 bpm, male rapper | hip_hop bpm=90 male rap
g-funk, synth lead | hip_hop +synth lead
trip hop | hip_hop +warm pad
jazz rap | hip_hop +sax
说唱 男声 | hip_hop male
trap | trap !
uk drill, dark, 140 bpm | trap bpm=140 mood=dark !
phonk, aggressive, cowbell | trap !
dubstep | trap bpm=140
cloud rap | trap +bell
trap without hi-hats | trap !
lo-fi | lofi !
chill lofi hip hop beat to study to, 75bpm, rhodes, no vocals | lofi bpm=75 instrumental +electric piano
jazz-hop | lofi !
bedroom pop, mellow | lofi +guitar
house | house !
deep house, 122bpm, no piano | house bpm=122 -piano
tropical house | house +marimba
uk garage | house bpm>125
future bass | house bpm>134
EDM festival | house
edm, big room, 128 bpm | house bpm=128 !
电子舞曲 | house
techno | techno !
acid techno in D dorian, 132 bpm | techno bpm=132 !
psytrance | techno bpm>136
uplifting trance, arpeggios | techno +arp
hardstyle | techno bpm>145
eurodance, female vocals | techno female bpm>130
drum and bass | drum_and_bass !
liquid dnb, dreamy | drum_and_bass
jungle | drum_and_bass bpm<175
big beat | drum_and_bass bpm<145
synthwave | synthwave !
80s synthwave, in F# minor | synthwave minor !
vaporwave | synthwave bpm<95
chiptune | synthwave bpm>115
darksynth | synthwave mood=neutral
k-pop | kpop !
hyperpop | kpop bpm>135
anime opening | kpop bpm>145 +distorted guitar
bollywood | kpop +sitar
reggae | reggae !
ska, horns | reggae bpm>135 +horns
dub | reggae bpm<88
calypso, steel drums | reggae +marimba
reggaeton | latin_pop !
salsa | latin_pop +piano +brass
bachata | latin_pop bpm>108
mariachi | latin_pop +violin +trumpet
flamenco | latin_pop +nylon guitar
cumbia alegre | latin_pop +accordion mood=bright
baile funk | latin_pop bpm>125
afrobeats | afrobeats !
amapiano | afrobeats +piano bpm<119
highlife | afrobeats +brass
ambient | ambient !
dark ambient, drone | ambient bpm<75
gregorian chant | ambient -drums +choir
cinematic orchestral | orchestral !
epic trailer, choir, taiko, brass, 3/4, D minor, 90 BPM | orchestral 3/4 bpm=90 minor +brass
string quartet | orchestral -drums
baroque harpsichord | orchestral +harpsichord
march | orchestral bpm>104
ballad | ballad !
sad piano ballad, female | ballad female mood=tender !
6/8 ballad | ballad 6/8
power ballad | ballad +distorted guitar
古风 女声 | ballad female +koto
演歌 | ballad
balada triste con piano | ballad mood=tender +piano !
slow 180 bpm | pop bpm=180 ?slow
fast ballad, 60 bpm | ballad bpm=60 ?fast
pop, 900 bpm | pop ?900
rock in 7/8 | rock ?7/8
jazz, hip hop, metal | ?metal
no guitars, no drums, piano pop | pop -drums -guitar +piano
pop, not sad | pop
rock, no bass | rock -bass
only piano, sad | ballad -drums -bass
electric guitar solo, rock | rock
solo cello | -drums -bass +cello
house, electric guitar, no electric guitar | house -electric guitar
jazz mit klavier ohne schlagzeug | jazz_swing -drums
rap en español, sin guitarra | hip_hop rap
流行 慢 悲伤 女声 钢琴 | pop female mood=tender +piano
música electrónica rápida | house bpm>126
rock en español, voz femenina | rock female
jポップ | pop
instrumental | instrumental
male vocals, falsetto | male
duet, female and male vocals | ?second singer
happy ukulele | +ukulele mood=bright
melancholic violin | +violin mood=tender
90s boom bap | hip_hop
50s | blues
zxcvb qwerty | pop ?qwerty
🔥🎸✨ | pop !
"""


def rows() -> list[tuple[str, list[str]]]:
    """(text, features) of every line."""
    pairs = (line.split(" | ") for line in TEXTS.strip().splitlines())
    return [(text.strip(), _features(rest.strip())) for text, rest in pairs]


def _features(rest: str) -> list[str]:
    """Features are divided by blanks, but a name after `+`, `-` or `?` may have blanks of its own."""
    out: list[str] = []
    for word in rest.split():
        named = bool(out) and out[-1][0] in "+-?"
        plain = word[0] not in "+-?!" and not any(mark in word for mark in "=<>/")
        if named and plain and word not in ("female", "male", "minor", "major", "instrumental", "rap"):
            out[-1] += f" {word}"
        else:
            out.append(word)
    return out
