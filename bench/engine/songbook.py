"""What the vocal benchmarks sing: 24 short songs on 12 lyrics by 14 voices, slow, fast, swung, in three, and rapped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Song:
    """One brief of the benchmark."""

    words: str  #: key into LYRICS
    style: str
    voice: str
    seed: int

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.seed:02d}-{self.words}-{self.voice.lower()}"


LYRICS: dict[str, str] = {
    "winter": """[Verse]
The river froze before the first of winter
And all the birds had gone without a sound
You wrote your number on a yellow ticket
I kept it while the snow was coming down

[Chorus]
Stay a while and talk to me
There is nowhere else to be
Let the kettle sing all night
We can leave the kitchen light""",
    "harbour": """[Verse]
Paper boats are drifting past the harbour
Someone left a lantern by the door
I was only looking for an answer
Now I do not need it anymore

[Chorus]
Carry me over the water
Carry me back to the shore
Everything broken is better
Better than ever before""",
    "engine": """[Verse]
My brother built a rocket in the garage
With copper wire and half a bicycle
He said the sky was only made of paper
And nothing in the world was typical

[Chorus]
So count it down and light the fuse
We have got nothing left to lose
We are a little out of tune
But we are going to the moon""",
    "carousel": """[Verse]
The carousel is turning in the rain
And every painted horse has got a name
We bought a ticket for the midnight train
And nothing ever felt the same again

[Chorus]
Round and round we go tonight
Dancing in the failing light
Hold my hand and hold it tight
Everything will be all right""",
    "traffic": """[Verse]
Every window in the city is awake
I am counting all the chances that we take
There is music from a taxi down the street
And the summer has a hammer in its beat

[Chorus]
Run with me until the morning
Run until the streets are gold
We will never heed the warning
We will never do as we are told""",
    "garden": """[Verse]
My mother kept a garden by the wall
With roses for the spring and for the fall
She told me that the roots are never gone
They only wait for somebody to carry on

[Chorus]
Grow a little, grow a little more
Leave the key above the kitchen door
I will find my way to you at last
Through the tall and silver grass""",
    "desert": """[Verse]
I drove across the desert with the windows open wide
A hundred miles of nothing and a stranger by my side
He told me of a daughter and a house he used to own
And a dog that still was waiting by the telephone

[Chorus]
Oh the road is long and the road is kind
It will take the trouble from a troubled mind
If you lose your way you can look behind
There is always somebody left to find""",
    "lighthouse": """[Verse]
Somewhere on the island there is a lamp that burns
A woman winds the clockwork and the mirror turns
The sailors cannot see her but they know that she is there
They take their heavy hats off and they offer up a prayer

[Chorus]
Shine for me, shine for me
Over the dark and the restless sea
Bring me home, bring me home
Nobody ought to be alone""",
    "machine": """[Verse]
Got a message from a number that I never knew
Said the future had a meeting and my name was due
So I polished all my buttons and I practised in the glass
Told the elevator operator I would pass

[Chorus]
Turn it up, turn it up loud
I can hear my heart in the middle of the crowd
Turn it up, let it go
Everybody here has got a radio""",
    "orchard": """[Verse]
We were picking apples when the letter came
Your father read it slowly and he said my name
The light was on the ladder and the leaves were on the ground
And the river kept on going like it never heard a sound

[Chorus]
I will wait, I will wait for you
Till the sky has turned a deeper blue
Till the last of the leaves come down
And you walk back into town""",
    "corner": """[Rap]
Monday on the corner with a coffee and a plan
I was writing on a napkin like a hungry man
Now the people in the building want to know my name
I remember when they told me I was out of the game
Every day I get up and I work on the line
Put a dollar in the bottle and I give it some time

[Chorus]
Keep on climbing, keep on climbing
Even diamonds need some shining
Keep on moving, never hide it
There is power here inside it""",
    "breakfast": """[Verse]
Sunday in the kitchen and the radio is low
You are making pancakes and you let the coffee go
Butter on the table and a paper on the floor
I have never wanted any minute more

[Chorus]
This is how I want it, this is how it feels
Simple as a bicycle with two good wheels
Nothing in my pocket, nothing on my mind
Only you and breakfast time""",
}

SONGS: tuple[Song, ...] = (
    Song("winter", "piano ballad", "Iris", 1),
    Song("harbour", "indie folk", "Rowan", 2),
    Song("engine", "80s synthwave", "Felix", 3),
    Song("carousel", "country waltz", "Wren", 4),
    Song("traffic", "punk rock, fast", "Mabel", 5),
    Song("garden", "soul", "Juno", 6),
    Song("desert", "country", "Silas", 7),
    Song("lighthouse", "orchestral", "Vera", 8),
    Song("machine", "drum and bass", "Lux", 9),
    Song("orchard", "indie folk", "Nell", 10),
    Song("corner", "hip hop", "Otis", 11),
    Song("breakfast", "pop, upbeat", "Iris", 12),
    Song("winter", "jazz swing", "Hazel", 13),
    Song("harbour", "lofi", "Cole", 14),
    Song("engine", "rock", "Rowan", 15),
    Song("carousel", "disco", "Juno", 16),
    Song("traffic", "house", "Otis", 17),
    Song("garden", "bossa nova", "Edmund", 18),
    Song("desert", "blues", "Mabel", 19),
    Song("lighthouse", "metal", "Felix", 20),
    Song("machine", "funk", "Wren", 21),
    Song("orchard", "gospel", "Silas", 22),
    Song("corner", "trap", "Lux", 23),
    Song("breakfast", "reggae", "Cole", 24),
)
