"""`python -m oracle.pictures`: draws the pictures of the proofs anew."""

from oracle.pictures.gallery import FOLDER, draw

if __name__ == "__main__":
    print(f"{FOLDER}: {len(draw())} pictures")
