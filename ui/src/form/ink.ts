// Drawing on a canvas with finger, pen or mouse; what was drawn becomes a picture.
const COLOR = "#10243e";

export class Ink {
  private readonly pen: CanvasRenderingContext2D;
  private drawing = false;

  constructor(readonly canvas: HTMLCanvasElement, private readonly may: () => boolean, private readonly lifted: () => void) {
    this.pen = canvas.getContext("2d")!;
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.draw(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.lift());
  }

  wipe(): void {
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  // A name in a hand-like type, as large as fits.
  write(name: string): void {
    const { canvas, pen } = this;
    this.wipe();
    let size = 84;
    pen.fillStyle = COLOR;
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    do pen.font = `italic ${(size -= 4)}px "Segoe Script", "Snell Roundhand", "Kaiti TC", "KaiTi", cursive, serif`;
    while (size > 20 && pen.measureText(name).width > canvas.width - 40);
    pen.fillText(name, canvas.width / 2, canvas.height / 2);
  }

  picture(): Promise<File | null> {
    return new Promise((resolve) => {
      this.canvas.toBlob((blob) => resolve(blob && new File([blob], "signature.png", { type: "image/png" })), "image/png");
    });
  }

  private at(event: PointerEvent): [number, number] {
    const seen = this.canvas.getBoundingClientRect();
    const [across, down] = [this.canvas.width / seen.width, this.canvas.height / seen.height];
    return [(event.clientX - seen.left) * across, (event.clientY - seen.top) * down];
  }

  private begin(event: PointerEvent): void {
    if (!this.may()) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = true;
    this.pen.lineWidth = 4;
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.strokeStyle = COLOR;
    this.pen.beginPath();
    this.pen.moveTo(...this.at(event));
  }

  private draw(event: PointerEvent): void {
    if (!this.drawing) return;
    this.pen.lineTo(...this.at(event));
    this.pen.stroke();
  }

  private lift(): void {
    if (!this.drawing) return;
    this.drawing = false;
    this.lifted();
  }
}
